"""The official client (ibapi 10.51), through the same as ib_insync, in text at versions 178 and 200."""

import decimal
import itertools
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from ibapi.execution import ExecutionFilter
from ibapi.order import OrderComboLeg
from ibapi.order_cancel import OrderCancel
from ibapi.tag_value import TagValue

from tests.gateway import Gateway, gateway
from tests.simgateway.clients.official import (
    OfficialTrader,
    ask_price,
    contract_id,
    order,
    pair,
    place,
    six_conditions,
    status,
    stock,
)
from tests.simgateway.clients.unread import refused_requests, unread_by_official

_client_ids = itertools.count(501)


@pytest.fixture(scope="module", params=[178, 200])
def running(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """When its tests are over, nobody may have left a field unread, in either direction."""
    folder: Path = tmp_path_factory.mktemp("official")
    with gateway(folder, "--switch", f"server_version={request.param}") as started:
        yield started
        assert refused_requests(started.records("out"), request.param) == []
        assert unread_by_official(started.records("out"), request.param) == {}


@pytest.fixture
def trader(running: Gateway) -> Iterator[OfficialTrader]:
    connected = OfficialTrader(running.port, next(_client_ids))
    yield connected
    connected.stop()


def test_it_connects_and_hears_accounts_and_time(trader: OfficialTrader) -> None:
    assert trader.wait("managedAccounts")[0].startswith("DU")
    trader.reqCurrentTime()
    assert trader.wait("currentTime")[0] > 1_790_000_000


def test_account_positions_and_profit_come_in_full(trader: OfficialTrader) -> None:
    account = trader.wait("managedAccounts")[0].split(",")[0]
    status(trader, place(trader, stock("AAPL"), order("BUY", 3, "MKT", account=account)), "Filled")
    trader.reqPositions()
    trader.wait("positionEnd")
    assert [row for row in trader.heard("position") if row[1].symbol == "AAPL" and row[2] >= 3]
    trader.reqAccountSummary(trader.number(), "All", "NetLiquidation,BuyingPower")
    assert float(trader.wait("accountSummary", lambda _, __, tag, *___: tag == "NetLiquidation")[3]) > 0
    trader.reqAccountUpdates(True, account)
    trader.wait("accountDownloadEnd")
    assert trader.heard("updatePortfolio")
    number = trader.number()
    trader.reqPnL(number, account, "")
    trader.wait("pnl", lambda asked, *_: asked == number)


def test_a_chain_an_option_and_its_greeks(trader: OfficialTrader) -> None:
    under = contract_id(trader, stock("QQQ"))
    number = trader.number()
    trader.reqSecDefOptParams(number, "QQQ", "", "STK", under)
    trader.wait("securityDefinitionOptionParameterEnd", lambda asked: asked == number)
    rows = trader.heard("securityDefinitionOptionParameter", lambda asked, exchange, *_: exchange == "SMART")
    spot = ask_price(trader, stock("QQQ"))
    option = stock("QQQ")
    option.secType, option.right, option.multiplier = "OPT", "C", "100"
    option.lastTradeDateOrContractMonth = sorted(rows[0][5])[2]
    option.strike = min(rows[0][6], key=lambda level: abs(level - spot))
    option.conId = contract_id(trader, option)
    asked = trader.number()
    trader.reqMktData(asked, option, "", False, False, [])
    model = trader.wait("tickOptionComputation", lambda number, kind, *_: (number, kind) == (asked, 13))
    assert 0.3 < model[4] < 0.7
    trader.cancelMktData(asked)


def test_bars_of_history_end_with_their_end_marker(trader: OfficialTrader) -> None:
    number = trader.number()
    trader.reqHistoricalData(number, stock("MSFT"), "", "1 D", "15 mins", "TRADES", 1, 1, False, [])
    trader.wait("historicalDataEnd", lambda asked, *_: asked == number)
    assert len(trader.heard("historicalData", lambda asked, _: asked == number)) >= 1


def test_a_market_order_fills_with_execution_and_commission(trader: OfficialTrader) -> None:
    number = place(trader, stock("AAPL"), order("BUY", 10, "MKT"))
    status(trader, number, "Filled")
    fills = trader.heard("execDetails", lambda _, __, execution: execution.orderId == number)
    assert sum(execution.shares for _, _, execution in fills) == decimal.Decimal(10)
    wanted = fills[0][2].execId
    report = trader.wait("commissionAndFeesReport", lambda told: told.execId == wanted)[0]
    assert report.commissionAndFees > 0


def test_a_limit_is_modified_and_cancelled_and_a_filled_one_is_not(trader: OfficialTrader) -> None:
    price = ask_price(trader, stock("NVDA"))
    asked = order("BUY", 1, "LMT", lmtPrice=round(price * 0.9, 2))
    number = place(trader, stock("NVDA"), asked)
    status(trader, number, "Submitted")
    asked.lmtPrice = round(price * 0.92, 2)
    trader.placeOrder(number, stock("NVDA"), asked)
    trader.wait(
        "openOrder", lambda order_id, _, told, __: (order_id, told.lmtPrice) == (number, asked.lmtPrice)
    )
    trader.cancelOrder(number, OrderCancel())
    status(trader, number, "Cancelled")
    filled = place(trader, stock("NVDA"), order("BUY", 1, "MKT"))
    status(trader, filled, "Filled")
    trader.cancelOrder(filled, OrderCancel())
    trader.wait("error", lambda order_id, _, code, *__: order_id == filled and code in (161, 10148))


def test_brackets_and_oca_groups_hold_together(trader: OfficialTrader) -> None:
    price = ask_price(trader, stock("WEC"))
    entry = order("BUY", 10, "LMT", lmtPrice=round(price * 1.01, 2), transmit=False)
    number = place(trader, stock("WEC"), entry)
    exits = {"parentId": number}
    target = place(
        trader,
        stock("WEC"),
        order("SELL", 10, "LMT", lmtPrice=round(price * 1.05, 2), transmit=False, **exits),
    )
    stop = place(trader, stock("WEC"), order("SELL", 10, "STP", auxPrice=round(price * 0.9, 2), **exits))
    status(trader, number, "Filled")
    status(trader, target, "Submitted")
    permanent = status(trader, number, "Filled")[5]
    told = trader.wait("openOrder", lambda order_id, *_: order_id == target)[2]
    assert told.ocaGroup == str(permanent)
    for exit_order in (stop, target):
        trader.cancelOrder(exit_order, OrderCancel())
        status(trader, exit_order, "Cancelled")


def test_a_combo_fills_leg_by_leg(trader: OfficialTrader) -> None:
    combo = pair(trader)
    cost = ask_price(trader, stock("AAPL")) - ask_price(trader, stock("MSFT"))
    asked = order("BUY", 2, "LMT", lmtPrice=round(cost + 5, 2))
    number = place(trader, combo, asked)
    status(trader, number, "Filled")
    kinds = [told.secType for _, told, made in trader.heard("execDetails") if made.orderId == number]
    assert kinds.count("STK") == 2 * kinds.count("BAG") >= 2


def test_algo_and_what_if_come_back(trader: OfficialTrader) -> None:
    price = ask_price(trader, stock("PNW"))
    patient = order("BUY", 5, "LMT", lmtPrice=round(price * 0.9, 2), algoStrategy="Adaptive")
    patient.algoParams = [TagValue("adaptivePriority", "Normal")]
    number = place(trader, stock("PNW"), patient)
    told = trader.wait("openOrder", lambda order_id, *_: order_id == number)[2]
    assert (told.algoStrategy, told.algoParams[0].value) == ("Adaptive", "Normal")
    trader.cancelOrder(number, OrderCancel())
    preview = place(trader, stock("AAPL"), order("BUY", 100, "MKT", whatIf=True))
    state = trader.wait("openOrder", lambda order_id, *_: order_id == preview)[3]
    assert abs(float(state.initMarginChange)) < 1e9
    assert trader.heard("orderStatus", lambda order_id, *_: order_id == preview) == []


def test_six_kinds_of_condition_come_back_as_they_went(trader: OfficialTrader) -> None:
    conditions = six_conditions(contract_id(trader, stock("AAPL")))
    asked = order("BUY", 1, "LMT", lmtPrice=100.0, conditions=conditions)
    number = place(trader, stock("AAPL"), asked)
    told = trader.wait("openOrder", lambda order_id, *_: order_id == number)[2]
    assert [row.condType for row in told.conditions] == [row.condType for row in conditions]
    assert [str(row) for row in told.conditions] == [str(row) for row in conditions]
    trader.cancelOrder(number, OrderCancel())
    status(trader, number, "Cancelled")


def test_a_combo_may_name_the_price_of_each_leg(trader: OfficialTrader) -> None:
    prices = [OrderComboLeg(), OrderComboLeg()]
    prices[0].price, prices[1].price = 10.0, 900.0
    asked = order("BUY", 1, "LMT", orderComboLegs=prices)
    asked.smartComboRoutingParams = [TagValue("NonGuaranteed", "1")]
    number = place(trader, pair(trader), asked)
    told = trader.wait("openOrder", lambda order_id, *_: order_id == number)[2]
    assert [row.price for row in told.orderComboLegs] == [10.0, 900.0]
    assert (told.smartComboRoutingParams[0].tag, told.smartComboRoutingParams[0].value) == (
        "NonGuaranteed",
        "1",
    )
    trader.cancelOrder(number, OrderCancel())
    status(trader, number, "Cancelled")


def test_one_fill_of_an_oca_group_cancels_the_other(trader: OfficialTrader) -> None:
    price = ask_price(trader, stock("MSFT"))
    name = f"pair {next(_client_ids)}"
    asked = [
        order("BUY", 1, "LMT", lmtPrice=round(price * share, 2), ocaGroup=name, ocaType=1)
        for share in (0.95, 0.96)
    ]
    first, second = (place(trader, stock("MSFT"), one) for one in asked)
    status(trader, first, "Submitted")
    status(trader, second, "Submitted")
    asked[0].lmtPrice = round(price * 1.01, 2)
    trader.placeOrder(first, stock("MSFT"), asked[0])
    status(trader, first, "Filled")
    status(trader, second, "Cancelled")


def test_finished_orders_are_told_as_completed(trader: OfficialTrader) -> None:
    filled = place(trader, stock("KO"), order("BUY", 4, "MKT", orderRef="ended"))
    status(trader, filled, "Filled")
    trader.reqCompletedOrders(False)
    trader.wait("completedOrdersEnd")
    told = [row for row in trader.heard("completedOrder") if row[1].orderRef == "ended"]
    assert told[-1][1].filledQuantity == decimal.Decimal(4)
    assert told[-1][2].completedStatus == "Filled Size: 4"


def test_reference_data_tell_names_ticks_and_first_days(trader: OfficialTrader) -> None:
    names, first = trader.number(), trader.number()
    trader.reqMatchingSymbols(names, "MSF")
    found = trader.wait("symbolSamples", lambda asked, _: asked == names)[1]
    assert "MSFT" in {row.contract.symbol for row in found}
    trader.reqHeadTimeStamp(first, stock("MSFT"), "TRADES", 1, 1)
    assert trader.wait("headTimestamp", lambda asked, _: asked == first)[1] < "2026"
    trader.reqMarketRule(26)
    assert trader.wait("marketRule", lambda rule, _: rule == 26)[1][0].increment > 0


def test_a_global_cancel_and_a_second_life_of_the_same_client(running: Gateway) -> None:
    number = next(_client_ids)
    first = OfficialTrader(running.port, number)
    resting = place(first, stock("MSFT"), order("BUY", 1, "LMT", lmtPrice=100.0))
    status(first, resting, "Submitted")
    filled = place(first, stock("MSFT"), order("BUY", 1, "MKT", orderRef="second-life"))
    status(first, filled, "Filled")
    first.stop()
    while any(row["client_id"] == number for row in running.turn("status")["clients"]):
        time.sleep(0.02)
    second = OfficialTrader(running.port, number)
    second.reqOpenOrders()
    second.wait("openOrder", lambda order_id, *_: order_id == resting)
    second.reqExecutions(9001, ExecutionFilter())
    second.wait("execDetailsEnd")
    assert second.heard("execDetails", lambda _, __, made: made.orderRef == "second-life")
    second.reqGlobalCancel(OrderCancel())
    status(second, resting, "Cancelled")
    second.reqCompletedOrders(False)
    second.wait("completedOrdersEnd")
    assert second.heard("completedOrder")
    second.stop()
