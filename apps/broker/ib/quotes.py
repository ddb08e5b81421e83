"""Ticks folded into the newest of each. -1 and 0 are the broker's words for "no price"."""

from apps.broker.ib.numbers import decimal, price
from apps.broker.ports import Ticks
from apps.journal import clock

# tick type (live, delayed) → the price and the size it carries
_PRICES = {1: "bid", 66: "bid", 2: "ask", 67: "ask", 4: "last", 68: "last", 9: "close", 75: "close"}
_SIZES = {0: "bid_size", 69: "bid_size", 3: "ask_size", 70: "ask_size", 8: "volume", 74: "volume"}
_SIZE_OF = {"bid": "bid_size", "ask": "ask_size"}
_HALTED = 49


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
