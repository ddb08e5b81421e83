"""ib_insync, unmodified, through everything a desk does; `SIM_CLIENT_LIBRARY=ib_async` runs its heir."""

import asyncio
import importlib
import math
import os
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import pytest

from tests.gateway import Gateway

library = importlib.import_module(os.environ.get("SIM_CLIENT_LIBRARY", "ib_insync"))
SECONDS = 30


class Trader:
    """One connection of the client library, with the waits a person would do by looking."""

    def __init__(self, ib: Any) -> None:
        self.ib = ib
        self.errors: list[tuple[int, int, str]] = []
        ib.errorEvent += lambda number, code, text, *_: self.errors.append((number, code, text))

    async def until(self, question: Callable[[], Any], what: str) -> None:
        for _ in range(SECONDS * 20):
            if question():
                return
            await asyncio.sleep(0.05)
        raise AssertionError(f"never happened: {what}; errors so far: {self.errors}")

    async def contract(self, contract: Any) -> Any:
        (found,) = await self.ib.qualifyContractsAsync(contract)
        assert found.conId > 0
        return found

    async def price(self, contract: Any) -> float:
        (ticker,) = await asyncio.wait_for(self.ib.reqTickersAsync(contract), SECONDS)
        return float(ticker.ask)

    def limit(self, side: str, quantity: float, price: float, **more: Any) -> Any:
        return library.LimitOrder(side, quantity, round(price, 2), tif="DAY", **more)

    async def status(self, trade: Any, *words: str) -> None:
        await self.until(lambda: trade.orderStatus.status in words, f"{words}, is {trade.orderStatus}")

    def error_codes(self) -> set[int]:
        return {code for _, code, _ in self.errors}


_client_ids = iter(range(11, 1000))


def trade(running: Gateway, act: Callable[[Trader], Coroutine[Any, Any, None]], client_id: int = 0) -> None:
    """Connect with a client id of its own, act, disconnect."""

    async def whole() -> None:
        ib = library.IB()
        trader = Trader(ib)
        number = client_id or next(_client_ids)
        await ib.connectAsync("127.0.0.1", running.port, clientId=number, timeout=20)
        try:
            await act(trader)
        finally:
            ib.disconnect()

    asyncio.run(asyncio.wait_for(whole(), 2 * SECONDS))


Act = Callable[[Trader], Awaitable[None]]


def test_it_connects_and_the_gateway_answers_with_accounts_and_its_time(running: Gateway) -> None:
    async def act(trader: Trader) -> None:
        assert trader.ib.client.serverVersion() in (176, 178)
        assert all(name.startswith("DU") for name in trader.ib.managedAccounts())
        now = await trader.ib.reqCurrentTimeAsync()
        assert (now.year, now.month, now.day) == (2026, 11, 18)

    trade(running, act)


def test_the_account_tells_its_worth_in_money(running: Gateway) -> None:
    async def act(trader: Trader) -> None:
        rows = await trader.ib.accountSummaryAsync()
        worth = {row.tag: row.value for row in rows if row.account == trader.ib.managedAccounts()[0]}
        assert float(worth["NetLiquidation"]) > 0
        assert float(worth["AvailableFunds"]) > 0

    trade(running, act)


def test_contracts_of_every_kind_are_found_and_nonsense_is_not(running: Gateway) -> None:
    async def act(trader: Trader) -> None:
        wanted = [
            library.Stock("AAPL", "SMART", "USD"),
            library.Forex("EURUSD"),
            library.Index("VIX", "CBOE", "USD"),
            library.Stock("CSPX", "SMART", "USD", primaryExchange="LSEETF"),
        ]
        for contract in wanted:
            details = await trader.ib.reqContractDetailsAsync(contract)
            assert len(details) == 1, contract
            assert details[0].tradingHours
        futures = await trader.ib.reqContractDetailsAsync(library.Future("MES", exchange="CME"))
        assert len(futures) > 1
        assert {row.contract.multiplier for row in futures} == {"5"}
        assert await trader.ib.reqContractDetailsAsync(library.Stock("NOSUCHNAME", "SMART", "USD")) == []
        assert 200 in trader.error_codes()

    trade(running, act)


def test_an_option_chain_leads_to_a_contract_with_greeks(running: Gateway) -> None:
    async def act(trader: Trader) -> None:
        under = await trader.contract(library.Stock("QQQ", "SMART", "USD"))
        chains = await trader.ib.reqSecDefOptParamsAsync("QQQ", "", "STK", under.conId)
        chain = next(row for row in chains if row.exchange == "SMART")
        spot = await trader.price(under)
        strike = min(chain.strikes, key=lambda level: abs(level - spot))
        option = await trader.contract(
            library.Option("QQQ", sorted(chain.expirations)[2], strike, "C", "SMART", tradingClass="QQQ")
        )
        ticker = trader.ib.reqMktData(option)
        await trader.until(lambda: ticker.modelGreeks and ticker.bid > 0, "model Greeks")
        assert 0.3 < ticker.modelGreeks.delta < 0.7
        assert ticker.modelGreeks.impliedVol > 0.01
        assert ticker.bid <= ticker.modelGreeks.optPrice + 0.05

    trade(running, act)


def test_history_comes_in_bars_that_agree_with_themselves(running: Gateway) -> None:
    async def act(trader: Trader) -> None:
        contract = await trader.contract(library.Stock("MSFT", "SMART", "USD"))
        bars = await trader.ib.reqHistoricalDataAsync(contract, "", "2 D", "5 mins", "TRADES", True)
        assert len(bars) > 70
        assert all(
            bar.low <= min(bar.open, bar.close) <= max(bar.open, bar.close) <= bar.high for bar in bars
        )
        assert [bar.date for bar in bars] == sorted({bar.date for bar in bars})

    trade(running, act)


def test_a_market_order_fills_once_and_its_commission_follows(running: Gateway) -> None:
    async def act(trader: Trader) -> None:
        contract = await trader.contract(library.Stock("AAPL", "SMART", "USD"))
        done = trader.ib.placeOrder(contract, library.MarketOrder("BUY", 100, tif="DAY"))
        await trader.status(done, "Filled")
        await trader.until(lambda: all(fill.commissionReport.execId for fill in done.fills), "commissions")
        assert sum(fill.execution.shares for fill in done.fills) == 100
        assert all(fill.commissionReport.commission > 0 for fill in done.fills)
        assert done.filled() == 100
        rows = {row.contract.symbol: row for row in await trader.ib.reqPositionsAsync()}
        assert rows["AAPL"].position >= 100
        assert rows["AAPL"].avgCost > 0

    trade(running, act)


def test_a_resting_limit_is_modified_in_place_and_then_cancelled(running: Gateway) -> None:
    async def act(trader: Trader) -> None:
        contract = await trader.contract(library.Stock("NVDA", "SMART", "USD"))
        price = await trader.price(contract)
        order = trader.limit("BUY", 10, price * 0.9)
        resting = trader.ib.placeOrder(contract, order)
        await trader.status(resting, "Submitted")
        first = resting.order.permId
        order.lmtPrice = round(price * 0.91, 2)
        trader.ib.placeOrder(contract, order)
        await trader.until(lambda: len(resting.log) >= 3, "the modification")
        await trader.ib.reqOpenOrdersAsync()
        assert resting.order.permId == first
        assert resting.order.lmtPrice == round(price * 0.91, 2)
        trader.ib.cancelOrder(order)
        await trader.status(resting, "Cancelled")
        assert 202 in trader.error_codes()

    trade(running, act)


def test_a_bracket_waits_as_one_and_cancels_as_one(running: Gateway) -> None:
    async def act(trader: Trader) -> None:
        contract = await trader.contract(library.Stock("WEC", "SMART", "USD"))
        price = await trader.price(contract)
        bracket = trader.ib.bracketOrder(
            "BUY", 37, round(price * 0.95, 2), round(price * 1.04, 2), round(price * 0.92, 2)
        )
        for order in bracket:
            order.tif = "DAY"
        parent, target, stop = (trader.ib.placeOrder(contract, order) for order in bracket)
        await trader.status(parent, "Submitted")
        await trader.status(target, "PreSubmitted")
        await trader.status(stop, "PreSubmitted")
        told = {
            row["fields"][1]: row["fields"] for row in running.records("out") if row["fields"][:1] == ["5"]
        }
        assert told[str(target.order.orderId)][19] == str(
            parent.order.permId
        )  # the OCA group is the parent's
        trader.ib.cancelOrder(parent.order)
        for leg in (parent, target, stop):
            await trader.status(leg, "Cancelled")

    trade(running, act)


def test_the_entry_of_a_bracket_brings_its_exits_to_life(running: Gateway) -> None:
    async def act(trader: Trader) -> None:
        contract = await trader.contract(library.Stock("ATO", "SMART", "USD"))
        price = await trader.price(contract)
        bracket = trader.ib.bracketOrder(
            "BUY", 5, round(price * 1.01, 2), round(price * 1.04, 2), round(price * 0.92, 2)
        )
        for order in bracket:
            order.tif = "DAY"
        parent, target, stop = (trader.ib.placeOrder(contract, order) for order in bracket)
        await trader.status(parent, "Filled")
        await trader.status(target, "Submitted")
        assert stop.orderStatus.status == "PreSubmitted"
        assert "trigger" in stop.orderStatus.whyHeld
        trader.ib.cancelOrder(target.order)
        await trader.status(target, "Cancelled")

    trade(running, act)


def test_one_fill_of_an_oca_group_cancels_the_other(running: Gateway) -> None:
    async def act(trader: Trader) -> None:
        contract = await trader.contract(library.Stock("MSFT", "SMART", "USD"))
        price = await trader.price(contract)
        orders = [trader.limit("BUY", 1, price * share) for share in (0.95, 0.96)]
        library.IB.oneCancelsAll(orders, "pair", 1)
        first, second = (trader.ib.placeOrder(contract, order) for order in orders)
        await trader.status(first, "Submitted")
        await trader.status(second, "Submitted")
        orders[0].lmtPrice = round(price * 1.01, 2)
        trader.ib.placeOrder(contract, orders[0])
        await trader.status(first, "Filled")
        await trader.status(second, "Cancelled")

    trade(running, act)


async def vertical(trader: Trader) -> tuple[Any, float]:
    """A put spread on QQQ and what it costs at the far side of the book."""
    under = await trader.contract(library.Stock("QQQ", "SMART", "USD"))
    chains = await trader.ib.reqSecDefOptParamsAsync("QQQ", "", "STK", under.conId)
    chain = next(row for row in chains if row.exchange == "SMART")
    spot = await trader.price(under)
    strikes = [level for level in sorted(chain.strikes) if level < spot][-2:]
    expiry = sorted(chain.expirations)[2]
    legs = await trader.ib.qualifyContractsAsync(
        *(library.Option("QQQ", expiry, level, "P", "SMART", tradingClass="QQQ") for level in strikes)
    )
    tickers = await asyncio.wait_for(trader.ib.reqTickersAsync(*legs), SECONDS)
    combo = library.Bag(symbol="QQQ", exchange="SMART", currency="USD")
    combo.comboLegs = [
        library.ComboLeg(conId=leg.conId, ratio=1, action=action, exchange="SMART")
        for leg, action in zip(legs, ("SELL", "BUY"), strict=True)
    ]
    return combo, float(tickers[1].ask - tickers[0].bid)


def test_a_combo_fills_with_a_print_of_its_own_and_one_for_each_leg(running: Gateway) -> None:
    async def act(trader: Trader) -> None:
        combo, cost = await vertical(trader)
        done = trader.ib.placeOrder(combo, trader.limit("BUY", 2, cost + 0.2))
        await trader.status(done, "Filled")
        kinds = sorted(fill.contract.secType for fill in done.fills)
        assert kinds.count("OPT") == 2 * kinds.count("BAG") >= 2
        assert done.filled() == 2

    trade(running, act)


def test_a_combo_may_name_the_price_of_each_leg(running: Gateway) -> None:
    async def act(trader: Trader) -> None:
        combo, _ = await vertical(trader)
        order = trader.limit("BUY", 1, 0)
        order.lmtPrice = ""
        order.orderComboLegs = [library.OrderComboLeg(9.0), library.OrderComboLeg(0.05)]
        order.smartComboRoutingParams = [library.TagValue("NonGuaranteed", "1")]
        resting = trader.ib.placeOrder(combo, order)
        await trader.until(lambda: resting.order.permId, "an answer")
        await trader.ib.reqOpenOrdersAsync()
        assert [leg.price for leg in resting.order.orderComboLegs] == [9.0, 0.05]
        trader.ib.cancelOrder(resting.order)
        await trader.status(resting, "Cancelled", "Filled")

    trade(running, act)


def test_an_adaptive_order_keeps_its_algo_on_the_way_back(running: Gateway) -> None:
    async def act(trader: Trader) -> None:
        contract = await trader.contract(library.Stock("PNW", "SMART", "USD"))
        order = trader.limit("BUY", 3, await trader.price(contract) * 0.9)
        order.algoStrategy = "Adaptive"
        order.algoParams = [library.TagValue("adaptivePriority", "Normal")]
        trader.ib.placeOrder(contract, order)
        found = next(
            row for row in await trader.ib.reqOpenOrdersAsync() if row.order.orderId == order.orderId
        )
        assert found.order.algoStrategy == "Adaptive"
        assert [(tag.tag, tag.value) for tag in found.order.algoParams] == [("adaptivePriority", "Normal")]
        trader.ib.cancelOrder(order)

    trade(running, act)


def test_six_kinds_of_condition_come_back_as_they_went(running: Gateway) -> None:
    async def act(trader: Trader) -> None:
        contract = await trader.contract(library.Stock("AAPL", "SMART", "USD"))
        order = trader.limit("BUY", 1, await trader.price(contract) * 0.9)
        order.conditions = [
            library.PriceCondition(
                conjunction="a", isMore=True, price=9000.0, conId=contract.conId, exch="SMART"
            ),
            library.TimeCondition(conjunction="a", isMore=True, time="20261118 20:00:00 US/Eastern"),
            library.MarginCondition(conjunction="o", isMore=True, percent=30),
            library.ExecutionCondition(conjunction="a", secType="STK", exch="SMART", symbol="MSFT"),
            library.VolumeCondition(
                conjunction="a", isMore=True, volume=9_000_000, conId=contract.conId, exch="SMART"
            ),
            library.PercentChangeCondition(
                conjunction="a", isMore=True, changePercent=50.0, conId=contract.conId, exch="SMART"
            ),
        ]
        trader.ib.placeOrder(contract, order)
        found = next(
            row for row in await trader.ib.reqOpenOrdersAsync() if row.order.orderId == order.orderId
        )
        assert [type(row).__name__ for row in found.order.conditions] == [
            type(row).__name__ for row in order.conditions
        ]
        assert found.order.conditions[0].price == 9000.0
        trader.ib.cancelOrder(order)

    trade(running, act)


def test_a_what_if_answers_with_margins_and_leaves_nothing_behind(running: Gateway) -> None:
    async def act(trader: Trader) -> None:
        contract = await trader.contract(library.Stock("AAPL", "SMART", "USD"))
        order = trader.limit("BUY", 100, await trader.price(contract))
        state = await asyncio.wait_for(trader.ib.whatIfOrderAsync(contract, order), SECONDS)
        change = float(state.initMarginChange)
        assert math.isfinite(change)
        assert abs(change) < 1e9
        assert float(state.equityWithLoanAfter) > 0
        rows = await trader.ib.reqOpenOrdersAsync()
        assert all(row.order.orderId != order.orderId for row in rows)

    trade(running, act)


def test_a_filled_order_cannot_be_cancelled_and_the_gateway_says_so(running: Gateway) -> None:
    async def act(trader: Trader) -> None:
        contract = await trader.contract(library.Stock("AAPL", "SMART", "USD"))
        order = library.MarketOrder("BUY", 1, tif="DAY")
        await trader.status(trader.ib.placeOrder(contract, order), "Filled")
        trader.ib.client.cancelOrder(order.orderId, "")
        await trader.until(lambda: trader.error_codes() & {10148, 161}, "the refusal")

    trade(running, act)


def test_a_global_cancel_reaches_every_order(running: Gateway) -> None:
    async def act(trader: Trader) -> None:
        contract = await trader.contract(library.Stock("MSFT", "SMART", "USD"))
        price = await trader.price(contract)
        resting = [trader.ib.placeOrder(contract, trader.limit("BUY", 1, price * 0.9)) for _ in range(5)]
        for row in resting:
            await trader.status(row, "Submitted")
        trader.ib.reqGlobalCancel()
        for row in resting:
            await trader.status(row, "Cancelled")

    trade(running, act)


def test_working_orders_and_the_days_executions_are_there_after_a_reconnect(running: Gateway) -> None:
    number = next(_client_ids)
    left: dict[str, Any] = {}

    async def first(trader: Trader) -> None:
        contract = await trader.contract(library.Stock("MSFT", "SMART", "USD"))
        resting = trader.ib.placeOrder(contract, trader.limit("BUY", 1, await trader.price(contract) * 0.9))
        await trader.status(resting, "Submitted")
        filled = trader.ib.placeOrder(
            contract, library.MarketOrder("BUY", 2, tif="DAY", orderRef="left-behind")
        )
        await trader.status(filled, "Filled")
        left.update(working=resting.order.permId, executions={fill.execution.execId for fill in filled.fills})

    async def second(trader: Trader) -> None:
        await trader.until(
            lambda: left["working"] in {row.order.permId for row in trader.ib.openTrades()},
            "the working order",
        )
        fills = await trader.ib.reqExecutionsAsync()
        mine = [fill for fill in fills if fill.execution.orderRef == "left-behind"]
        assert {fill.execution.execId for fill in mine} == left["executions"]
        kept = [fill for fill in trader.ib.fills() if fill.execution.orderRef == "left-behind"]
        await trader.until(lambda: all(fill.commissionReport.execId for fill in kept), "their commissions")
        trader.ib.reqGlobalCancel()

    trade(running, first, number)
    trade(running, second, number)


def test_the_gateway_left_no_field_of_any_request_unread(running: Gateway) -> None:
    wrong = [row for row in running.records("note") if row.get("what") == "wrong fields"]
    assert wrong == []
    assert len(running.records("in")) > 50


@pytest.mark.skipif(library.__name__ != "ib_insync", reason="the check knows ib_insync's decoder")
def test_the_client_left_no_field_of_any_answer_unread(running: Gateway) -> None:
    from tests.simgateway.clients.unread import unread_by_insync

    assert unread_by_insync(running.records("out"), 176) == {}
