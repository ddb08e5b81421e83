"""One connection of the client library, and the waits that a person would do by looking.

ib_insync unless `SIM_CLIENT_LIBRARY` names its heir: the tests of this family are the same for both.
"""

import asyncio
import importlib
import itertools
import os
from collections.abc import Callable, Coroutine
from typing import Any

from tests.gateway import Gateway

library = importlib.import_module(os.environ.get("SIM_CLIENT_LIBRARY", "ib_insync"))
SECONDS = 30
client_ids = itertools.count(11)


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


def trade(running: Gateway, act: Callable[[Trader], Coroutine[Any, Any, None]], client_id: int = 0) -> None:
    """Connect with a client id of its own, act, disconnect."""

    async def whole() -> None:
        ib = library.IB()
        trader = Trader(ib)
        number = client_id or next(client_ids)
        await ib.connectAsync("127.0.0.1", running.port, clientId=number, timeout=20)
        try:
            await act(trader)
        finally:
            ib.disconnect()

    asyncio.run(asyncio.wait_for(whole(), 2 * SECONDS))


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
