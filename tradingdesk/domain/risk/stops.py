"""The three stop levels, and what still passes each of them."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from enum import IntEnum

from tradingdesk.domain.money import Reason, Side


class StopLevel(IntEnum):
    """Ordered: the higher, the stricter."""

    ACTIVE = 0
    REDUCE_ONLY = 1
    HALTED = 2


def strictest(levels: Iterable[StopLevel]) -> StopLevel:
    """Global, account and strategy may differ; the strictest rules."""
    return max(levels, default=StopLevel.ACTIVE)


def stop_problem(level: StopLevel, *, reduces: bool, by_stop: bool = False) -> Reason | None:
    """Whether a new order may leave. Cancels never ask.

    `by_stop`: the stop itself sends it, to flatten. It passes every level, and only if it provably reduces.
    """
    if by_stop:
        return None if reduces else Reason("STOP_NOT_REDUCING", "a stop sends only what provably reduces")
    if level is StopLevel.HALTED:
        return Reason("STOP_HALTED", "trading is halted")
    if level is StopLevel.REDUCE_ONLY and not reduces:
        return Reason("STOP_REDUCE_ONLY", "only orders that provably reduce a position may leave")
    return None


def provably_reduces(side: Side, quantity: Decimal, *, position: Decimal, working_same_side: Decimal) -> bool:
    """True when the order, after all working orders of its side fill, still cannot flip the position."""
    closing = Side.SELL if position > 0 else Side.BUY
    return position != 0 and side is closing and quantity + working_same_side <= abs(position)


def close_quantity(position: Decimal, *, first: Decimal, filled: Decimal, working: Decimal) -> Decimal:
    """How much of a position may still be closed without ever passing through zero.

    `position` is the broker's newest count, `first` its count when the flattening began, `filled` what the
    closes since then have traded, `working` what other orders of the closing side may still trade. A count
    that is late by a fill can therefore not be sold twice, and one that changed its sign is left to a person.
    """
    if not position or not first or (position > 0) is not (first > 0):
        return Decimal(0)
    return max(Decimal(0), min(abs(position), abs(first) - filled) - working)
