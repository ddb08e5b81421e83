"""Every answer through the decoders of the real clients: understood, and read to the last field."""

import re
from decimal import Decimal
from typing import Any

import pytest

from apps.simgateway.wire import state
from apps.simgateway.wire.answers import executions, history, market, news, reference, scanner, session
from apps.simgateway.wire.contract import WireContract
from apps.simgateway.wire.names import ANSWER_NAMES
from tests.simgateway.wire.clients import understood_by_insync, understood_by_official
from tests.simgateway.wire.telling import ANY, HELD, SIMPLE

OFFICIAL = (176, 178, 194, 200)
SINCE = {"currentTimeInMillis": 197}
EVERYBODY = [(understood_by_insync, 176), *((understood_by_official, version) for version in OFFICIAL)]


def same(call: Any, expected: Any) -> None:
    assert call[0] == expected[0]
    assert len(call[1]) == len(expected[1])
    for given, wanted in zip(call[1], expected[1], strict=True):
        assert wanted is ANY or given == wanted


@pytest.mark.parametrize("name", SIMPLE)
def test_an_answer_says_the_same_to_both_clients(name: str) -> None:
    build, expected = SIMPLE[name][0], SIMPLE[name][1]
    if expected is not None:
        fields = build(176)
        assert ANSWER_NAMES[int(fields[0])] == name
        (call,) = understood_by_insync(176, fields)
        same(call, expected)
    for version in OFFICIAL:
        if version >= SINCE.get(name, 0):
            (call,) = understood_by_official(version, build(version))
            same(call, SIMPLE[name][-1])


@pytest.mark.parametrize(("version", "count"), [(163, 5), (166, 6), (178, 6), (194, 6), (200, 6)])
def test_an_error_changes_its_form_at_166_and_194(version: int, count: int) -> None:
    fields = session.error(
        version,
        req_id=17,
        code=202,
        text="Order Canceled - reason:\nÄ",
        advanced_json="{}",
        time_ms=1776094025123,
    )
    assert len(fields) == count
    assert fields[:2] == (["4", "17"] if version >= 194 else ["4", "2"])
    ((method, given),) = understood_by_official(version, fields)
    assert (method, given[0], given[2:4]) == ("error", 17, (202, "Order Canceled - reason:\nÄ"))
    assert given[1] == (1776094025123 if version >= 194 else 0)
    assert given[4] == ("{}" if version >= 166 else "")
    if version <= 176:
        ((method, given),) = understood_by_insync(version, fields)
        assert (method, given[:2]) == ("error", (17, 202))


@pytest.mark.parametrize(("understood", "version"), EVERYBODY)
def test_a_price_comes_with_its_size(understood: Any, version: int) -> None:
    fields = market.tick_price(version, req_id=9, tick_type=1, price=-1, size=0, mask=1)
    assert len(fields) == 7
    method, given = understood(version, fields)[0]
    assert method in ("tickPrice", "priceSizeTick")
    assert given[:3] == (9, 1, -1.0)


@pytest.mark.parametrize(("understood", "version"), EVERYBODY)
def test_greeks_have_no_empty_field(understood: Any, version: int) -> None:
    fields = market.tick_option_computation(
        version,
        req_id=9,
        tick_type=13,
        iv=0.25,
        delta=-0.5,
        price=2.35,
        dividends=0.0,
        gamma=0.01,
        vega=0.2,
        theta=-0.05,
        under_price=610.5,
    )
    assert "" not in fields
    ((_, given),) = understood(version, fields)
    assert given == (9, 13, 1, 0.25, -0.5, 2.35, 0.0, 0.01, 0.2, -0.05, 610.5)


@pytest.mark.parametrize(("version", "count"), [(176, 31), (178, 32), (198, 33), (200, 33)])
def test_an_execution_has_the_recorded_number_of_fields(version: int, count: int) -> None:
    print_ = state.WireExecution(
        order_id=17,
        client_id=3,
        perm_id=1824933227,
        exec_id="0000e0d5.69dd7411.01.01",
        time="20260413 15:27:04 US/Eastern",
        account="DU1234567",
        exchange="IBKRATS",
        side="BOT",
        shares=Decimal(40),
        price=Decimal("257.68"),
        cum_qty=Decimal(40),
        avg_price=Decimal("257.68"),
        order_ref="meridian-7",
        last_liquidity=2,
    )
    fields = executions.exec_details(version, contract=HELD, execution=print_)
    assert len(fields) == count
    calls = [understood_by_official(version, fields)]
    if version == 176:
        calls.append(understood_by_insync(version, fields))
    for ((method, (req_id, contract, execution)),) in calls:
        assert (method, req_id, contract.symbol) == ("execDetails", -1, "AAPL")
        assert (execution.orderId, execution.clientId, execution.permId) == (17, 3, 1824933227)
        assert (execution.execId, execution.side) == ("0000e0d5.69dd7411.01.01", "BOT")
        assert (execution.shares, execution.price, execution.cumQty) == (40, 257.68, 40)
        assert (execution.orderRef, execution.lastLiquidity) == ("meridian-7", 2)


@pytest.mark.parametrize("time", ["20230224  12:04:56", "20260413 15:27:04 US/Eastern", "20260611-13:31:08"])
def test_every_style_of_execution_time_is_understood(time: str) -> None:
    execution = state.WireExecution(exec_id="x", time=time)
    fields = executions.exec_details(176, req_id=9, contract=HELD, execution=execution)
    ((_, (_, _, read)),) = understood_by_insync(176, fields)
    assert read.time.year in (2023, 2026)


@pytest.mark.parametrize(("understood", "version"), EVERYBODY)
def test_a_commission_report_has_eight_fields(understood: Any, version: int) -> None:
    fields = executions.commission_report(
        version, exec_id="0000e0d5.01", commission=Decimal("0.00006"), currency="USD"
    )
    assert len(fields) == 8
    assert fields[3:6] == ["6.0E-5", "USD", "1.7976931348623157E308"]
    ((_, (report,)),) = understood(version, fields)
    assert (report.execId, report.currency) == ("0000e0d5.01", "USD")
    assert report.realizedPNL > 1e300
    assert getattr(report, "commission", getattr(report, "commissionAndFees", None)) == 0.00006


SAME_NAMES = (
    "marketName", "orderTypes", "validExchanges", "priceMagnifier", "underConId", "contractMonth", "industry",
    "category", "subcategory", "timeZoneId", "tradingHours", "liquidHours", "evRule", "aggGroup",
    "underSymbol", "underSecType", "marketRuleIds", "realExpirationDate", "stockType",
)  # fmt: skip
ROW = state.ContractRow(
    con_id=911395842,
    symbol="SPY",
    sec_type="OPT",
    last_trade_date="20260831 16:00:00 US/Eastern",
    strike=Decimal("612.5"),
    right="P",
    exchange="SMART",
    currency="USD",
    local_symbol="SPY   260831P00612500",
    multiplier="100",
    long_name="SPDR S&P 500 É",
    sec_ids=[("ISIN", "US78462F1030")],
    trading_hours="20260413:0930-20260413:1600;20260414:CLOSED",
    market_name="market",
    trading_class="class",
    order_types="LMT,MKT",
    valid_exchanges="SMART,CBOE",
    price_magnifier=100,
    under_con_id=756733,
    primary_exchange="CBOE",
    contract_month="202608",
    industry="industry",
    category="category",
    subcategory="subcategory",
    time_zone_id="US/Eastern",
    liquid_hours="20260413:0930-20260413:1600",
    ev_rule="rule",
    agg_group=2,
    under_symbol="SPY",
    under_sec_type="STK",
    market_rule_ids="26,110",
    real_expiration_date="20260831",
    stock_type="ETF",
    min_size=Decimal(1),
    size_increment=Decimal(2),
    suggested_size_increment=Decimal(3),
    ineligibility_reasons=[("r", "because")],
)


@pytest.mark.parametrize(
    ("understood", "version"),
    [
        (understood_by_insync, 163),
        (understood_by_insync, 176),
        *((understood_by_official, version) for version in (163, 164, 178, 179, 182, 186, 200)),
    ],
)
def test_contract_data_is_understood(understood: Any, version: int) -> None:
    ((method, (req_id, details)),) = understood(version, reference.contract_data(version, req_id=9, row=ROW))
    assert (method, req_id) == ("contractDetails", 9)
    contract = details.contract
    assert (contract.conId, contract.symbol, contract.right) == (911395842, "SPY", "P")
    assert (contract.strike, contract.lastTradeDateOrContractMonth) == (612.5, "20260831")
    assert details.lastTradeTime.startswith("16:00")
    assert details.longName == "SPDR S&P 500 É"
    assert [(pair.tag, pair.value) for pair in details.secIdList] == [("ISIN", "US78462F1030")]
    assert (contract.exchange, contract.currency, contract.multiplier) == ("SMART", "USD", "100")
    assert (contract.tradingClass, contract.primaryExchange) == ("class", "CBOE")
    for attribute in SAME_NAMES:
        snake = re.sub("[A-Z]", lambda capital: "_" + capital.group().lower(), attribute)
        assert getattr(details, attribute) == getattr(ROW, snake), attribute
    assert details.minTick == 0.01
    if version >= 164:
        sizes = (details.minSize, details.sizeIncrement, details.suggestedSizeIncrement)
        assert sizes == (1, 2, 3)
    if version >= 182:
        assert contract.lastTradeDate == "20260831"
    if version >= 186:
        assert details.ineligibilityReasonList[0].description == "because"


OWN_OF_FUNDS = (*("",) * 6, *("0",) * 3, *("",) * 7)


@pytest.mark.parametrize("version", [178, 179, 200])
def test_a_fund_has_fields_of_its_own_from_179_on(version: int) -> None:
    fund = state.ContractRow(
        con_id=1, sec_type="FUND", fund=("Core", "", "", "", "", "", "", *("0",) * 3, *("",) * 7)
    )
    ((_, (_, details)),) = understood_by_official(
        version, reference.contract_data(version, req_id=9, row=fund)
    )
    assert details.fundName == ("Core" if version >= 179 else "")


@pytest.mark.parametrize(
    ("understood", "version"), [(understood_by_insync, 176), (understood_by_official, 200)]
)
def test_a_bond_is_understood(understood: Any, version: int) -> None:
    bond = state.BondRow(con_id=5, symbol="US-T", cusip="912810", maturity="20451115", long_name="Treasury")
    ((method, (_, details)),) = understood(version, reference.bond_contract_data(version, req_id=9, row=bond))
    assert (method, details.contract.conId, details.cusip) == ("bondContractDetails", 5, "912810")
    assert details.longName == "Treasury"


BAR = state.HistoricalBar(
    date="20260413", open=1, high=3, low=0.5, close=2, volume=Decimal(100), wap=Decimal("1.5"), count=7
)


@pytest.mark.parametrize(("understood", "version"), EVERYBODY)
def test_bars_end_by_a_message_of_their_own_from_196_on(understood: Any, version: int) -> None:
    told = history.historical_data(version, req_id=9, start="s", end="e", bars=[BAR, BAR])
    calls = understood(version, told)
    if version >= 196:
        assert len(calls) == 2
        calls += understood(version, history.historical_data_end(version, req_id=9, start="s", end="e"))
    assert [name for name, _ in calls] == ["historicalData", "historicalData", "historicalDataEnd"]
    assert calls[2][1] == (9, "s", "e")
    bar = calls[0][1][1]
    assert (bar.date, bar.open, bar.high, bar.low, bar.close) == ("20260413", 1, 3, 0.5, 2)
    assert (bar.volume, bar.barCount) == (100, 7)
    ((name, (_, update)),) = understood(version, history.historical_data_update(version, req_id=9, bar=BAR))
    assert (name, update.open, update.close, update.high, update.low) == (
        "historicalDataUpdate",
        1,
        2,
        3,
        0.5,
    )


@pytest.mark.parametrize(("understood", "version"), EVERYBODY)
def test_ticks_of_the_past_and_single_ticks_are_understood(understood: Any, version: int) -> None:
    told = [
        history.historical_ticks(version, req_id=9, ticks=[(1776094025, 1.5, 0)], done=True),
        history.historical_ticks_bid_ask(version, req_id=9, ticks=[(1776094025, 1, 1, 2, 3, 4)], done=True),
        history.historical_ticks_last(version, req_id=9, ticks=[(1776094025, 2, 1, 5, "P", "")], done=True),
        market.tick_by_tick_last(version, req_id=9, time=1776094025, price=1, size=5, exchange="ARCA"),
        market.tick_by_tick_bid_ask(version, req_id=9, time=1776094025, bid=1, ask=2, bid_size=3, ask_size=4),
        market.tick_by_tick_midpoint(version, req_id=9, time=1776094025, midpoint=1.5),
    ]
    calls = [call for fields in told for call in understood(version, fields)]
    assert [name for name, _ in calls] == [
        "historicalTicks", "historicalTicksBidAsk", "historicalTicksLast",
        "tickByTickAllLast", "tickByTickBidAsk", "tickByTickMidPoint",
    ]  # fmt: skip
    bid_ask, last = calls[1][1][1][0], calls[2][1][1][0]
    assert (bid_ask.priceBid, bid_ask.priceAsk, bid_ask.sizeBid, bid_ask.sizeAsk) == (1, 2, 3, 4)
    assert (last.price, last.size, last.exchange) == (1, 5, "P")
    assert calls[3][1][:5] == (9, 1, 1776094025, 1.0, 5)
    assert calls[4][1][1:6] == (1776094025, 1.0, 2.0, 3, 4)


@pytest.mark.parametrize(("understood", "version"), EVERYBODY)
def test_lists_of_reference_data_are_understood(understood: Any, version: int) -> None:
    sample = state.SymbolSample(
        con_id=265598, symbol="AAPL", sec_type="STK", primary_exchange="NASDAQ.NMS", currency="USD",
        derivatives=["OPT", "BAG"], description="APPLE INC",
    )  # fmt: skip
    ((_, (_, samples)),) = understood(
        version, reference.symbol_samples(version, req_id=9, rows=[sample, sample])
    )
    assert [row.contract.symbol for row in samples] == ["AAPL", "AAPL"]
    assert samples[1].derivativeSecTypes == ["OPT", "BAG"]
    bands = [(Decimal(0), Decimal("0.0001")), (Decimal(1), Decimal("0.01"))]
    ((_, (rule, steps)),) = understood(version, reference.market_rule(version, rule_id=26, bands=bands))
    assert (rule, [(step.lowEdge, step.increment) for step in steps]) == (26, [(0, 0.0001), (1, 0.01)])
    told = {
        "smartComponents": reference.smart_components(version, req_id=9, rows=[(1, "ARCA", "P")]),
        "softDollarTiers": reference.soft_dollar_tiers(version, req_id=9, rows=[("n", "v", "d")]),
        "familyCodes": reference.family_codes(version, rows=[("DU1", "F1")]),
        "mktDepthExchanges": reference.mkt_depth_exchanges(version, rows=[("ARCA", "STK", "", "Deep", 1)]),
        "newsProviders": news.news_providers(version, rows=[("BRFG", "Briefing")]),
        "histogramData": history.histogram_data(version, req_id=9, rows=[(1.5, 100)]),
    }
    for name, fields in told.items():
        ((method, given),) = understood(version, fields)
        assert method == name
        assert len(given[-1]) == 1


@pytest.mark.parametrize(("understood", "version"), EVERYBODY)
def test_scans_schedules_and_hedges_are_understood(understood: Any, version: int) -> None:
    row = state.ScannerRow(rank=0, con_id=265598, symbol="AAPL", sec_type="STK", exchange="SMART")
    scan = understood(version, scanner.scanner_data(version, req_id=9, rows=[row]))
    assert [name for name, _ in scan] == ["scannerData", "scannerDataEnd"]
    assert scan[0][1][2].contract.symbol == "AAPL"
    assert understood(version, scanner.scanner_parameters(version, xml="<x/>")) == [
        ("scannerParameters", ("<x/>",))
    ]
    day = state.HistoricalSession(start="20260413-09:30:00", end="20260413-16:00:00", ref_date="20260413")
    schedule = history.historical_schedule(
        version, req_id=9, start="s", end="e", time_zone="US/Eastern", sessions=[day]
    )
    ((_, given),) = understood(version, schedule)
    assert (given[3], given[4][0].refDate) == ("US/Eastern", "20260413")
    hedge = market.delta_neutral_validation(version, req_id=9, con_id=5, delta=0.5, price=10)
    ((_, (_, read)),) = understood(version, hedge)
    assert (read.conId, read.delta, read.price) == (5, 0.5, 10)


def test_fundamentals_and_verification_are_understood() -> None:
    assert understood_by_insync(176, news.fundamental_data(176, req_id=9, data="<x/>")) == [
        ("fundamentalData", (9, "<x/>"))
    ]
    for version in OFFICIAL:
        told = {
            "verifyMessageAPI": session.verify_message_api(version, api_data="a"),
            "verifyCompleted": session.verify_completed(version, successful=True, text=""),
            "verifyAndAuthMessageAPI": session.verify_and_auth_message_api(
                version, api_data="a", challenge="c"
            ),
            "verifyAndAuthCompleted": session.verify_and_auth_completed(version, successful=True, text=""),
        }
        assert [understood_by_official(version, fields)[0][0] for fields in told.values()] == list(told)


def test_held_contracts_arrive_with_class_and_multiplier() -> None:
    from apps.simgateway.wire.answers import account

    future = WireContract(
        con_id=5, symbol="ES", sec_type="FUT", expiry="20261218", multiplier="50", local_symbol="ESZ6",
        trading_class="ES", primary_exchange="CME", currency="USD", exchange="CME",
    )  # fmt: skip
    told = account.position(176, account="DU1", contract=future, position=Decimal(1), average_cost=1)
    for understood in (understood_by_insync, understood_by_official):
        ((_, (_, contract, *_)),) = understood(176, told)
        assert (contract.multiplier, contract.tradingClass, contract.localSymbol) == ("50", "ES", "ESZ6")
        assert contract.lastTradeDateOrContractMonth == "20261218"
