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


def stop_problem(level: StopLevel, *, reduces: bool) -> Reason | None:
    """Whether a new order may leave. Cancels never ask."""
    if level is StopLevel.HALTED:
        return Reason("STOP_HALTED", "trading is halted")
    if level is StopLevel.REDUCE_ONLY and not reduces:
        return Reason("STOP_REDUCE_ONLY", "only orders that provably reduce a position may leave")
    return None


def provably_reduces(side: Side, quantity: Decimal, *, position: Decimal, working_same_side: Decimal) -> bool:
    """True when the order, after all working orders of its side fill, still cannot flip the position."""
    closing = Side.SELL if position > 0 else Side.BUY
    return position != 0 and side is closing and quantity + working_same_side <= abs(position)
