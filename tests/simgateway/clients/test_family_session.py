"""ib_insync and its heir: connect, the account, profit, and coming back."""

import math
from typing import Any

import pytest

from tests.gateway import Gateway
from tests.simgateway.clients.actor import Trader, client_ids, library, trade


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


def test_working_orders_and_the_days_executions_are_there_after_a_reconnect(running: Gateway) -> None:
    number = next(client_ids)
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


def test_positions_portfolio_and_profit_agree(running: Gateway) -> None:
    async def act(trader: Trader) -> None:
        account = trader.ib.managedAccounts()[0]
        contract = await trader.contract(library.Stock("JNJ", "SMART", "USD"))
        profit = trader.ib.reqPnL(account)
        await trader.status(
            trader.ib.placeOrder(contract, library.MarketOrder("BUY", 7, tif="DAY")), "Filled"
        )
        (held,) = [row for row in await trader.ib.reqPositionsAsync() if row.contract.symbol == "JNJ"]
        assert held.position == 7
        await trader.until(
            lambda: [row for row in trader.ib.portfolio() if row.contract.symbol == "JNJ"],
            "its portfolio row",
        )
        (row,) = [row for row in trader.ib.portfolio() if row.contract.symbol == "JNJ"]
        assert (row.position, row.account) == (7, account)
        assert row.marketValue == pytest.approx(7 * row.marketPrice, rel=0.001)
        single = trader.ib.reqPnLSingle(account, "", contract.conId)
        await trader.until(lambda: single.position == 7, "the profit of one position")
        await trader.until(lambda: math.isfinite(profit.dailyPnL), "the account's profit")
        values = {row.tag: row.value for row in trader.ib.accountValues() if row.currency in ("USD", "")}
        assert values["AccountReady"] == "true"

    trade(running, act)


def test_finished_orders_are_told_as_completed(running: Gateway) -> None:
    async def act(trader: Trader) -> None:
        contract = await trader.contract(library.Stock("KO", "SMART", "USD"))
        filled = trader.ib.placeOrder(contract, library.MarketOrder("BUY", 4, tif="DAY", orderRef="ended-1"))
        await trader.status(filled, "Filled")
        resting = trader.limit("BUY", 4, await trader.price(contract) * 0.9, orderRef="ended-2")
        gone = trader.ib.placeOrder(contract, resting)
        await trader.status(gone, "Submitted")
        trader.ib.cancelOrder(gone.order)
        await trader.status(gone, "Cancelled")
        told = {row.order.orderRef: row for row in await trader.ib.reqCompletedOrdersAsync(False)}
        assert told["ended-1"].orderStatus.status == "Filled"
        assert told["ended-1"].order.filledQuantity == 4
        assert told["ended-2"].orderStatus.status == "Cancelled"

    trade(running, act)
