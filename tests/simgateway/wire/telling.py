"""What the gateway may say, and what each real client has to make of it.

Each row: how the answer is built at a version, and the call that both decoders make of it
(the official one's, when it differs, comes second; None where a client does not know the message).
"""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from apps.simgateway.wire.answers import (
    account,
    advisor,
    executions,
    history,
    market,
    news,
    pnl,
    reference,
    session,
)
from apps.simgateway.wire.answers import orders as order_answers
from apps.simgateway.wire.contract import WireContract
from apps.simgateway.wire.framing import read_back

Call = tuple[str, tuple[Any, ...]]
Row = tuple[Callable[[int], list[str]], Call | None] | tuple[Callable[[int], list[str]], Call | None, Call]

ANY = object()  # an argument that is looked at elsewhere
HELD = WireContract(con_id=265598, symbol="AAPL", sec_type="STK", currency="USD", local_symbol="AAPL")
NONE = 1.7976931348623157e308

SIMPLE: dict[str, Row] = {
    "tickSize": (
        lambda v: market.tick_size(v, req_id=9, tick_type=8, size=Decimal("1200")),
        ("tickSize", (9, 8, 1200)),
    ),
    "tickGeneric": (
        lambda v: market.tick_generic(v, req_id=9, tick_type=49, value=0),
        ("tickGeneric", (9, 49, 0.0)),
    ),
    "tickString": (
        lambda v: market.tick_string(v, req_id=9, tick_type=45, value="1776094024"),
        ("tickString", (9, 45, "1776094024")),
    ),
    "tickEFP": (
        lambda v: market.tick_efp(
            v,
            req_id=9,
            tick_type=38,
            basis_points=1.5,
            formatted="1.5",
            implied_future=2.5,
            hold_days=3,
            future_last_trade="20261218",
            dividend_impact=0.5,
            dividends_to_last_trade=0.25,
        ),
        ("tickEFP", (9, 38, 1.5, "1.5", 2.5, 3, "20261218", 0.5, 0.25)),
    ),
    "tickReqParams": (
        lambda v: market.tick_req_params(
            v, req_id=9, min_tick=0.01, bbo_exchange="9c0001", snapshot_permissions=3
        ),
        ("tickReqParams", (9, 0.01, "9c0001", 3)),
    ),
    "tickSnapshotEnd": (lambda v: market.tick_snapshot_end(v, req_id=9), ("tickSnapshotEnd", (9,))),
    "marketDataType": (
        lambda v: market.market_data_type(v, req_id=9, market_data_type=3),
        ("marketDataType", (9, 3)),
    ),
    "rerouteMktDataReq": (
        lambda v: market.reroute_mkt_data_req(v, req_id=9, con_id=5, exchange="ARCA"),
        ("rerouteMktDataReq", (9, 5, "ARCA")),
    ),
    "rerouteMktDepthReq": (
        lambda v: market.reroute_mkt_depth_req(v, req_id=9, con_id=5, exchange="ARCA"),
        ("rerouteMktDepthReq", (9, 5, "ARCA")),
    ),
    "realtimeBar": (
        lambda v: market.realtime_bar(
            v, req_id=9, time=1776094025, open=1, high=3, low=0.5, close=2, volume=100, wap=1.5, count=7
        ),
        ("realtimeBar", (9, 1776094025, 1.0, 3.0, 0.5, 2.0, 100, 1.5, 7)),
        ("realtimeBar", (9, 1776094025, 1.0, 3.0, 0.5, 2.0, 100, Decimal("1.5"), 7)),
    ),
    "marketDepth": (
        lambda v: market.market_depth(v, req_id=9, position=1, operation=0, side=1, price=10.5, size=300),
        ("updateMktDepth", (9, 1, 0, 1, 10.5, 300)),
    ),
    "marketDepthL2": (
        lambda v: market.market_depth_l2(
            v,
            req_id=9,
            position=1,
            market_maker="ARCA",
            operation=1,
            side=0,
            price=10.5,
            size=300,
            is_smart_depth=True,
        ),
        ("updateMktDepthL2", (9, 1, "ARCA", 1, 0, 10.5, 300, True)),
    ),
    "orderStatus": (
        lambda v: read_back(
            order_answers.order_status(
                v,
                order_id=17,
                status="Submitted",
                filled=Decimal(40),
                remaining=Decimal(60),
                avg_fill_price=Decimal("257.68"),
                perm_id=1824933227,
                parent_id=4,
                last_fill_price=Decimal("257.7"),
                client_id=3,
                why_held="child,trigger",
            )
        ),
        (
            "orderStatus",
            (17, "Submitted", 40, 60, 257.68, 1824933227, 4, 257.7, 3, "child,trigger", 0.0),
        ),
    ),
    "openOrderEnd": (order_answers.open_order_end, ("openOrderEnd", ())),
    "orderBound": (
        lambda v: order_answers.order_bound(v, perm_id=1824933227, client_id=3, order_id=17),
        ("orderBound", (1824933227, 3, 17)),
    ),
    "completedOrdersEnd": (order_answers.completed_orders_end, ("completedOrdersEnd", ())),
    "execDetailsEnd": (lambda v: executions.exec_details_end(v, req_id=9), ("execDetailsEnd", (9,))),
    "managedAccts": (
        lambda v: session.managed_accts(v, accounts=["DU1", "DU2"]),
        ("managedAccounts", ("DU1,DU2",)),
    ),
    "nextValidId": (lambda v: session.next_valid_id(v, order_id=38103), ("nextValidId", (38103,))),
    "currentTime": (lambda v: session.current_time(v, seconds=1776094025), ("currentTime", (1776094025,))),
    "currentTimeInMillis": (
        lambda v: session.current_time_in_millis(v, milliseconds=1776094025123),
        None,
        ("currentTimeInMillis", (1776094025123,)),
    ),
    "userInfo": (lambda v: session.user_info(v, req_id=9, white_branding_id="w"), ("userInfo", (9, "w"))),
    "acctValue": (
        lambda v: account.acct_value(v, key="NetLiquidation", value="1000.5", currency="USD", account="DU1"),
        ("updateAccountValue", ("NetLiquidation", "1000.5", "USD", "DU1")),
    ),
    "acctUpdateTime": (
        lambda v: account.acct_update_time(v, time_text="15:27"),
        ("updateAccountTime", ("15:27",)),
    ),
    "acctDownloadEnd": (
        lambda v: account.acct_download_end(v, account="DU1"),
        ("accountDownloadEnd", ("DU1",)),
    ),
    "portfolioValue": (
        lambda v: account.portfolio_value(
            v,
            contract=HELD,
            position=Decimal(-5),
            market_price=10,
            market_value=-50,
            average_cost=9.5,
            unrealized_pnl=-2.5,
            realized_pnl=0,
            account="DU1",
        ),
        ("updatePortfolio", (ANY, -5, 10.0, -50.0, 9.5, -2.5, 0.0, "DU1")),
    ),
    "position": (
        lambda v: account.position(
            v, account="DU1", contract=HELD, position=Decimal("0.5"), average_cost=Decimal("315114.75")
        ),
        ("position", ("DU1", ANY, 0.5, 315114.75)),
        ("position", ("DU1", ANY, Decimal("0.5"), 315114.75)),
    ),
    "positionEnd": (account.position_end, ("positionEnd", ())),
    "positionMulti": (
        lambda v: account.position_multi(
            v,
            req_id=9,
            account="DU1",
            contract=HELD,
            position=Decimal(5),
            average_cost=9.5,
            model_code="core",
        ),
        ("positionMulti", (9, "DU1", "core", ANY, 5, 9.5)),
    ),
    "positionMultiEnd": (lambda v: account.position_multi_end(v, req_id=9), ("positionMultiEnd", (9,))),
    "accountSummary": (
        lambda v: account.account_summary(
            v, req_id=9, account="DU1", tag="BuyingPower", value="1.0", currency="USD"
        ),
        ("accountSummary", (9, "DU1", "BuyingPower", "1.0", "USD")),
    ),
    "accountSummaryEnd": (lambda v: account.account_summary_end(v, req_id=9), ("accountSummaryEnd", (9,))),
    "accountUpdateMulti": (
        lambda v: account.account_update_multi(
            v, req_id=9, account="DU1", model_code="core", key="Cushion", value="1", currency=""
        ),
        ("accountUpdateMulti", (9, "DU1", "core", "Cushion", "1", "")),
    ),
    "accountUpdateMultiEnd": (
        lambda v: account.account_update_multi_end(v, req_id=9),
        ("accountUpdateMultiEnd", (9,)),
    ),
    "pnl": (lambda v: pnl.pnl(v, req_id=9, daily=-1.5, unrealized=None), ("pnl", (9, -1.5, NONE, NONE))),
    "pnlSingle": (
        lambda v: pnl.pnl_single(
            v, req_id=9, position=Decimal(7), daily=1, unrealized=2, realized=3, value=4
        ),
        ("pnlSingle", (9, 7, 1, 2.0, 3.0, 4.0)),
    ),
    "contractDataEnd": (
        lambda v: reference.contract_data_end(v, req_id=9),
        ("contractDetailsEnd", (9,)),
    ),
    "secDefOptParam": (
        lambda v: reference.sec_def_opt_param(
            v,
            req_id=9,
            exchange="SMART",
            under_con_id=756733,
            trading_class="SPY",
            multiplier="100",
            expirations=["20261218"],
            strikes=[Decimal("612.5")],
        ),
        (
            "securityDefinitionOptionParameter",
            (9, "SMART", "756733", "SPY", "100", ["20261218"], [612.5]),
        ),
        (
            "securityDefinitionOptionParameter",
            (9, "SMART", 756733, "SPY", "100", {"20261218"}, {612.5}),
        ),
    ),
    "secDefOptParamEnd": (
        lambda v: reference.sec_def_opt_param_end(v, req_id=9),
        ("securityDefinitionOptionParameterEnd", (9,)),
    ),
    "headTimestamp": (
        lambda v: history.head_timestamp(v, req_id=9, timestamp="19801212-14:30:00"),
        ("headTimestamp", (9, "19801212-14:30:00")),
    ),
    "newsBulletins": (
        lambda v: news.news_bulletins(v, bulletin_id=1, kind=2, text="closed", exchange="NYSE"),
        ("updateNewsBulletin", (1, 2, "closed", "NYSE")),
    ),
    "newsArticle": (
        lambda v: news.news_article(v, req_id=9, kind=0, text="words"),
        ("newsArticle", (9, 0, "words")),
    ),
    "tickNews": (
        lambda v: news.tick_news(
            v, req_id=9, time_ms=1776094025123, provider="BRFG", article_id="a", headline="h", extra="e"
        ),
        ("tickNews", (9, 1776094025123, "BRFG", "a", "h", "e")),
    ),
    "historicalNews": (
        lambda v: news.historical_news(
            v, req_id=9, time="2026-04-13", provider="BRFG", article_id="a", headline="h"
        ),
        ("historicalNews", (9, "2026-04-13", "BRFG", "a", "h")),
    ),
    "historicalNewsEnd": (
        lambda v: news.historical_news_end(v, req_id=9, has_more=True),
        ("historicalNewsEnd", (9, True)),
    ),
    "wshMetaData": (lambda v: news.wsh_meta_data(v, req_id=9, json="{}"), ("wshMetaData", (9, "{}"))),
    "wshEventData": (lambda v: news.wsh_event_data(v, req_id=9, json="{}"), ("wshEventData", (9, "{}"))),
    "receiveFA": (lambda v: advisor.receive_fa(v, data_type=1, xml="<x/>"), ("receiveFA", (1, "<x/>"))),
    "replaceFAEnd": (lambda v: advisor.replace_fa_end(v, req_id=9, text="ok"), ("replaceFAEnd", (9, "ok"))),
    "displayGroupList": (
        lambda v: advisor.display_group_list(v, req_id=9, groups="1|2"),
        ("displayGroupList", (9, "1|2")),
    ),
    "displayGroupUpdated": (
        lambda v: advisor.display_group_updated(v, req_id=9, contract_info="8314@SMART"),
        ("displayGroupUpdated", (9, "8314@SMART")),
    ),
}
