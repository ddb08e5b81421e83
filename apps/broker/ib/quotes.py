"""Ticks folded into the newest of each. -1 and 0 are the broker's words for "no price"."""

from decimal import Decimal

from apps.broker.ib.numbers import decimal, price
from apps.broker.ports import Ticks
from apps.journal import clock
from tradingdesk.domain.market import Greeks

# tick type (live, delayed) → the price and the size it carries
_PRICES = {1: "bid", 66: "bid", 2: "ask", 67: "ask", 4: "last", 68: "last", 9: "close", 75: "close"}
_SIZES = {0: "bid_size", 69: "bid_size", 3: "ask_size", 70: "ask_size", 8: "volume", 74: "volume"}
_SIZE_OF = {"bid": "bid_size", "ask": "ask_size"}
_HALTED = 49
_MODEL = (13, 83)  # live, delayed
_SENSE = 1_000_000_000
_NOT_COMPUTED = Decimal(-2)  # of a Greek; of a volatility or a price it is -1


def take_price(ticks: Ticks, kind: int, value: float, size: float) -> None:
    name = _PRICES.get(kind)
    if name is None:
        return
    setattr(ticks, name, price(value))
    if name in _SIZE_OF:
        setattr(ticks, _SIZE_OF[name], decimal(size))
    ticks.at = clock.now()


def take_size(ticks: Ticks, kind: int, size: float) -> None:
    name = _SIZES.get(kind)
    if name is not None:
        setattr(ticks, name, decimal(size))
        ticks.at = clock.now()


def take_generic(ticks: Ticks, kind: int, value: float) -> None:
    if kind == _HALTED:
        ticks.halted = value > 0


def take_model(
    ticks: Ticks, kind: int, *, volatility: float, greeks: dict[str, float], underlying: float
) -> None:
    """What the broker's model says of an option. Without a delta and its underlying it says nothing."""
    if kind not in _MODEL:
        return
    told = {name: _greek(value) for name, value in greeks.items()}
    delta, stood_at = told.pop("delta"), price(underlying)
    if delta is None or stood_at is None or abs(delta) > 1:
        return
    vol = price(volatility)
    ticks.greeks = Greeks(delta=delta, underlying=stood_at, implied_vol=vol, at=clock.now(), **told)


def _greek(value: float) -> Decimal | None:
    number = decimal(value)
    return None if number is None or number == _NOT_COMPUTED or abs(number) > _SENSE else number
