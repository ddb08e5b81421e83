"""Whether a bracket that never went out may go out in a new attempt, once a named person asks for it.

Nothing is ever tried again by itself. What a person may try again is a bracket of which at least one order
was never sent, the others never left or ended at the broker, nothing filled, and nothing is on its way. It
goes the whole road of a claim again: this only opens the gate to it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from tradingdesk.domain.money import Reason
from tradingdesk.domain.tickets.states import ACTS, Act, State


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """One order of the bracket as it stands."""

    key: str
    state: State
    filled: Decimal
    on_its_way: bool  # an attempt that is not over, or a cancel without its answer
    not_after: datetime


def retry_problem(orders: Sequence[Tried], now: datetime) -> Reason | None:
    """The first reason why the bracket may not be tried again."""
    if all(order.state is not State.NOT_SENT for order in orders):
        return Reason("RETRY_NOTHING_UNSENT", "no order of the bracket was left unsent")
    for order in orders:
        if order.filled:
            return Reason("RETRY_FILLED", f"{order.key} has filled {order.filled.normalize():f}")
        if order.on_its_way or (order.state, Act.RETRY) not in ACTS:
            return Reason("RETRY_NOT_OVER", f"{order.key} is {order.state} and not provably over")
        if now >= order.not_after:
            text = f"its approval was good until {order.not_after:%H:%M:%S} UTC; propose the line again"
            return Reason("RETRY_TOO_LATE", text)
    return None
