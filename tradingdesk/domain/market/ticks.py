"""Prices move in steps, and the step depends on the price: the broker's market rule is the table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Decimal
from enum import Enum


@dataclass(frozen=True, slots=True)
class TickStep:
    """From this price upwards, prices are multiples of the increment."""

    low: Decimal
    increment: Decimal


class Rounding(Enum):
    """Which neighbour on the grid a price goes to."""

    DOWN = ROUND_FLOOR
    UP = ROUND_CEILING
    NEAREST = ROUND_HALF_EVEN


def increment_at(price: Decimal, steps: Sequence[TickStep]) -> Decimal:
    """The increment in force at this price; combos may be priced below zero, so the size decides."""
    fitting = [step for step in steps if step.low <= abs(price)]
    return max(fitting, key=lambda step: step.low).increment


def on_tick(price: Decimal, steps: Sequence[TickStep]) -> bool:
    """True when the exchange would accept the price as written."""
    return price % increment_at(price, steps) == 0


def round_to_tick(price: Decimal, steps: Sequence[TickStep], rounding: Rounding) -> Decimal:
    """The neighbour on the grid; a price rounded into the next band is rounded again by that band's step."""
    rounded = _to_multiple(price, increment_at(price, steps), rounding)
    return _to_multiple(rounded, increment_at(rounded, steps), rounding)


def _to_multiple(price: Decimal, increment: Decimal, rounding: Rounding) -> Decimal:
    return (price / increment).to_integral_value(rounding.value) * increment
