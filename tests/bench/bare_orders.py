"""The baseline of `manage.py bench`: a bare ib_insync program at the same gateway, in the same minute.

usage: python -m tests.bench.bare_orders PORT COUNT FILLS

Prints one JSON object: when each order was handed to the library, when each execution was heard, how long a
connect with a look at all open orders took. Its COUNT resting orders stay at the gateway when it leaves.
"""

import asyncio
import json
import os
import sys
import time

import ib_insync
import psutil

RESTING_AT = 6.0  # dollars, half of what the share costs: it never fills


async def measure(port: int, count: int, fills: int) -> dict[str, object]:
    ib = ib_insync.IB()
    ib.client.MaxRequests = 0
    await ib.connectAsync("127.0.0.1", port, clientId=81, timeout=20)
    contract = ib_insync.Stock("F", "SMART", "USD")
    await ib.qualifyContractsAsync(contract)
    heard: dict[str, float] = {}
    ib.execDetailsEvent += lambda _, fill: heard.setdefault(fill.execution.execId, time.time())
    for _ in range(fills):
        await filled(ib, contract)
    placed = {f"bare-{number}": await rest(ib, contract, number) for number in range(count)}
    await asyncio.sleep(0.5)
    ib.disconnect()
    connects = [await connect(port) for _ in range(5)]
    memory = psutil.Process(os.getpid()).memory_info().rss / 1e6
    return {"placed": placed, "heard": heard, "connects": connects, "memory_mb": memory}


async def rest(ib: ib_insync.IB, contract: ib_insync.Contract, number: int) -> float:
    order = ib_insync.LimitOrder("BUY", 1, RESTING_AT, tif="DAY", orderRef=f"bare-{number}")
    began = time.time()
    trade = ib.placeOrder(contract, order)
    while trade.orderStatus.status in ("", "PendingSubmit"):
        await asyncio.sleep(0.002)
    return began


async def filled(ib: ib_insync.IB, contract: ib_insync.Contract) -> None:
    trade = ib.placeOrder(contract, ib_insync.MarketOrder("BUY", 1))
    while not trade.isDone():
        await asyncio.sleep(0.002)


async def connect(port: int) -> float:
    """A new connection that has seen every open order."""
    ib = ib_insync.IB()
    began = time.perf_counter()
    await ib.connectAsync("127.0.0.1", port, clientId=82, timeout=20)
    await ib.reqAllOpenOrdersAsync()
    passed = time.perf_counter() - began
    ib.disconnect()
    return passed


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asyncio.run(measure(*(int(word) for word in sys.argv[1:4])))))
