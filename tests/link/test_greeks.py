"""What the broker's model says of an option: heard over the wire, and kept only when it makes sense."""

import asyncio
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from ib_insync import IB, Option, Stock

from apps.broker.ib import quotes
from apps.broker.ib.connection import IbConnection
from apps.broker.ports import ContractAsked, Ticks
from tests.gateway import gateway

D = Decimal
TOLD: dict[str, Any] = {"volatility": 0.21, "underlying": 600.5}
MODEL = {"delta": -0.4, "gamma": 0.01, "vega": 0.5, "theta": -0.1}


async def an_option_of(port: int) -> int:
    """As a stranger finds one: the contract's number of a call near the money."""
    ib = IB()
    await ib.connectAsync("127.0.0.1", port, clientId=7)
    (under,) = await ib.qualifyContractsAsync(Stock("QQQ", "SMART", "USD"))
    (chain, *_) = await ib.reqSecDefOptParamsAsync("QQQ", "", "STK", under.conId)
    strike = sorted(chain.strikes)[len(chain.strikes) // 2]
    wanted = Option("QQQ", sorted(chain.expirations)[2], strike, "C", "SMART", tradingClass="QQQ")
    (option,) = await ib.qualifyContractsAsync(wanted)
    ib.disconnect()
    return int(option.conId)


async def watched(port: int) -> Ticks:
    con_id = await an_option_of(port)
    broker = IbConnection()
    await broker.open("127.0.0.1", port, client_id=8, timeout=10)
    try:
        ticks = broker.watch(ContractAsked(symbol="QQQ", sec_type="OPT", con_id=con_id))
        async with asyncio.timeout(20):
            while ticks.greeks is None or ticks.at is None:
                await asyncio.sleep(0.05)
        return ticks
    finally:
        broker.close()


def test_a_watched_option_tells_its_model_over_the_wire(tmp_path: Path) -> None:
    with gateway(tmp_path) as running:
        greeks = asyncio.run(watched(running.port)).greeks
    assert greeks is not None and 0 < greeks.delta < 1 and greeks.underlying > 100
    assert greeks.gamma is not None and greeks.gamma > 0
    assert greeks.vega is not None and greeks.vega > 0
    assert greeks.theta is not None and greeks.theta < 0
    assert greeks.implied_vol is not None and D("0.01") < greeks.implied_vol < 2


@pytest.mark.parametrize(
    "odd",
    [
        {"delta": -2.0},
        {"delta": float("nan")},
        {"delta": 1.5},
        {"delta": 1.7976931348623157e308},
    ],
)
def test_a_delta_that_was_not_computed_is_no_model(odd: dict[str, float]) -> None:
    ticks = Ticks(con_id=1)
    quotes.take_model(ticks, 13, greeks=MODEL | odd, **TOLD)
    quotes.take_model(ticks, 13, greeks=MODEL, volatility=0.2, underlying=-1.0)
    quotes.take_model(ticks, 10, greeks=MODEL, **TOLD)  # by the bid, not by the model
    assert ticks.greeks is None


def test_a_greek_that_was_not_computed_is_unknown_and_the_others_stand() -> None:
    ticks = Ticks(con_id=1)
    quotes.take_model(ticks, 13, greeks=MODEL | {"gamma": -2.0}, volatility=-1.0, underlying=600.5)
    assert ticks.greeks is not None
    assert (ticks.greeks.gamma, ticks.greeks.implied_vol) == (None, None)
    assert (ticks.greeks.delta, ticks.greeks.theta) == (D("-0.4"), D("-0.1"))
