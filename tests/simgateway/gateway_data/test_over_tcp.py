"""The same over a socket, with a gateway in a process of its own and ib_insync as a stranger would use it."""

import asyncio
from pathlib import Path

import ib_insync

from tests.gateway import gateway


async def look_around(port: int) -> None:
    ib = ib_insync.IB()
    await ib.connectAsync("127.0.0.1", port, clientId=71, timeout=20)
    try:
        (account, *_) = ib.managedAccounts()
        assert {row.account for row in await ib.accountSummaryAsync()} == set(ib.managedAccounts())
        (stock,) = await ib.qualifyContractsAsync(ib_insync.Stock("QQQ", "SMART", "USD"))
        (ticker,) = await asyncio.wait_for(ib.reqTickersAsync(stock), 20)
        assert 0 < ticker.bid < ticker.ask
        chains = await ib.reqSecDefOptParamsAsync("QQQ", "", "STK", stock.conId)
        assert {"SMART"} <= {row.exchange for row in chains}
        bars = await ib.reqHistoricalDataAsync(stock, "", "1 D", "1 min", "TRADES", True)
        assert bars[-1].close > 0
        pnl = ib.reqPnL(account)
        line = ib.reqMktData(stock)
        for _ in range(100):
            if line.bid > 0 and pnl.dailyPnL == pnl.dailyPnL:
                return
            await asyncio.sleep(0.1)
        raise AssertionError(f"no ticks or results came: {line} {pnl}")
    finally:
        ib.disconnect()


def test_a_stranger_looks_around_over_tcp(tmp_path: Path):
    with gateway(tmp_path) as started:
        asyncio.run(asyncio.wait_for(look_around(started.port), 60))
