"""ib_insync and its heir: orders of one contract, their changes and their ends."""

import asyncio
import math

from tests.gateway import Gateway
from tests.simgateway.clients.actor import SECONDS, Trader, library, trade


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


def test_a_stop_is_held_until_it_is_cancelled(running: Gateway) -> None:
    async def act(trader: Trader) -> None:
        contract = await trader.contract(library.Stock("MSFT", "SMART", "USD"))
        level = round(await trader.price(contract) * 0.9, 2)
        held = trader.ib.placeOrder(contract, library.StopOrder("SELL", 1, level, tif="GTC"))
        await trader.status(held, "PreSubmitted")
        assert held.orderStatus.whyHeld == "trigger"
        trader.ib.cancelOrder(held.order)
        await trader.status(held, "Cancelled")

    trade(running, act)


def test_what_the_server_refuses_is_told_with_its_code(running: Gateway) -> None:
    async def act(trader: Trader) -> None:
        contract = await trader.contract(library.Stock("MSFT", "SMART", "USD"))
        unaffordable = trader.limit("BUY", 90_000, await trader.price(contract) * 0.99)
        trader.ib.placeOrder(contract, unaffordable)
        await trader.until(lambda: trader.error_codes() & {201, 383}, "the refusal")
        rows = await trader.ib.reqOpenOrdersAsync()
        assert all(row.order.orderId != unaffordable.orderId for row in rows)

    trade(running, act)
