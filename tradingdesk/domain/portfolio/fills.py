"""Fills as the broker reports them: doubled, corrected, taken back, and billed later.

The booking decides what an incoming report is to the ones already known. Nothing is ever deleted:
a correction supersedes, a bust supersedes with nothing, and a report that says the same again is
named a duplicate. Two different reports under one id and revision cannot both be true; neither is
preferred, and a person is told.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from tradingdesk.domain.money import Money, Side
from tradingdesk.domain.portfolio.executions import root_and_revision

PENDING_COMMISSION = Decimal(-1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fill:
    """One execution report. A quantity of zero says that the execution was busted."""

    account: str
    exec_id: str
    con_id: int
    side: Side
    quantity: Decimal
    price: Decimal
    at: datetime

    @property
    def root(self) -> str:
        return root_and_revision(self.exec_id)[0]

    @property
    def revision(self) -> int:
        return root_and_revision(self.exec_id)[1]


class Booking(StrEnum):
    """What an incoming report is to those known."""

    NEW = "new"
    DUPLICATE = "duplicate"
    CORRECTION = "correction"
    BUST = "bust"
    OUTDATED = "outdated"
    CONFLICT = "conflict"


def book(known: Iterable[Fill], incoming: Fill) -> Booking:
    """Weigh a report against the known ones of the same account; those of other executions do not matter."""
    family = [fill for fill in known if (fill.account, fill.root) == (incoming.account, incoming.root)]
    same = [fill for fill in family if fill.revision == incoming.revision]
    if same:
        return Booking.DUPLICATE if incoming in same else Booking.CONFLICT
    if any(fill.revision > incoming.revision for fill in family):
        return Booking.OUTDATED
    if incoming.quantity == 0:
        return Booking.BUST
    return Booking.CORRECTION if family else Booking.NEW


def standing(fills: Iterable[Fill]) -> tuple[Fill, ...]:
    """What counts: of each execution its highest revision, unless that one busts it. In the order of time."""
    latest: dict[tuple[str, str], Fill] = {}
    for fill in fills:
        key = (fill.account, fill.root)
        if key not in latest or fill.revision > latest[key].revision:
            latest[key] = fill
    return tuple(sorted((f for f in latest.values() if f.quantity), key=lambda f: (f.at, f.exec_id)))


def commission(amount: Decimal | None, currency: str) -> Money | None:
    """The fee, a rebate as a negative one, or None while the broker has not said. Never zero by default."""
    if amount is None or not amount.is_finite() or amount == PENDING_COMMISSION or not currency:
        return None
    return Money(amount, currency)
