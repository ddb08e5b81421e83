"""The breakers: what is watched while nobody looks, when it trips, and what a trip does. One table, all pure.

A breaker compares one measured number with one threshold. A trip is not undone by the number coming back: it
names a stop level, and a stop is released by people. What cannot be measured does not trip, and is shown as
not known.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from tradingdesk.domain.money import Reason
from tradingdesk.domain.risk.stops import StopLevel


class Reset(StrEnum):
    """How a tripped breaker comes back."""

    RELEASE = "by the release of its stop"
    NAMED = "by a named person, who releases the strategy"
    ITSELF = "by itself: it only warns"


@dataclass(frozen=True, slots=True, kw_only=True)
class Breaker:
    """One row of the table."""

    name: str
    title: str
    unit: str
    trips_at: Decimal
    falls: bool = False  # trips at or below; the others trip at or above
    level: StopLevel  # ACTIVE: it warns and stops nothing
    per_strategy: bool = False
    reset: Reset = Reset.RELEASE


def _breaker(name: str, title: str, unit: str, at: str, **more: object) -> Breaker:
    told = {"level": StopLevel.HALTED} | more
    return Breaker(name=name, title=title, unit=unit, trips_at=Decimal(at), **told)  # type: ignore[arg-type]


_REDUCE = StopLevel.REDUCE_ONLY
BREAKERS: dict[str, Breaker] = {
    one.name: one
    for one in (
        _breaker("day_loss", "Day loss", "%", "-2", falls=True),
        _breaker(
            "cumulative_loss", "Cumulative loss", "USD", "-5000",
            falls=True, level=StopLevel.ACTIVE, per_strategy=True, reset=Reset.ITSELF,
        ),
        _breaker("drawdown", "Drawdown, 90 days", "%", "-10", falls=True, level=_REDUCE),
        _breaker("reject_rate", "Reject rate, 10 min", "%", "20", level=_REDUCE),
        _breaker(
            "identical_orders", "Identical entries, 10 min", "entries", "4",
            per_strategy=True, reset=Reset.NAMED,
        ),
        _breaker("message_rate", "Message rate", "/s", "46", level=_REDUCE),
        _breaker("link_flaps", "Link flaps, 1 h", "breaks", "5", level=_REDUCE),
        _breaker("clock_skew", "Clock skew", "s", "2", level=_REDUCE),
        _breaker("journal", "Journal's chain", "breaks", "1"),
        _breaker("limits", "Limits touched from outside", "times", "1", level=_REDUCE),
    )
}  # fmt: skip

# Fewer answers than this are no rate: one refused order of two is not half of anything.
REJECTS_AMONG = 10


class BreakerState(StrEnum):
    ARMED = "armed"
    TRIPPED = "tripped"
    DISABLED = "disabled"
    UNKNOWN = "not known"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One breaker, measured: of the desk, or of one strategy."""

    breaker: Breaker
    measured: Decimal | None
    strategy: str = ""
    threshold: Decimal | None = None  # None: the table's own

    @property
    def trips_at(self) -> Decimal:
        return self.breaker.trips_at if self.threshold is None else self.threshold

    @property
    def beyond(self) -> bool:
        """Whether the number itself is at or past the threshold."""
        if self.measured is None or not self.measured.is_finite():
            return False
        return self.measured <= self.trips_at if self.breaker.falls else self.measured >= self.trips_at

    @property
    def distance(self) -> Decimal | None:
        """How far it still has to go; never below zero."""
        if self.measured is None or not self.measured.is_finite():
            return None
        left = self.measured - self.trips_at if self.breaker.falls else self.trips_at - self.measured
        return max(Decimal(0), left)

    @property
    def share(self) -> Decimal | None:
        """Per cent of the way from zero to the threshold."""
        if self.measured is None or not self.measured.is_finite() or not self.trips_at:
            return None
        return max(Decimal(0), min(Decimal(100), self.measured / self.trips_at * 100))


def state_of(
    reading: Reading, *, tripped: bool, disabled_until: datetime | None, now: datetime
) -> BreakerState:
    """Tripped stays tripped until it is reset; switched off is switched off only until its time."""
    if disabled_until is not None and now < disabled_until:
        return BreakerState.DISABLED
    if tripped:
        return BreakerState.TRIPPED
    return BreakerState.UNKNOWN if reading.measured is None else BreakerState.ARMED


def trip_problem(reading: Reading) -> Reason | None:
    """Why it trips now, or nothing."""
    if not reading.beyond:
        return None
    what, unit = reading.breaker, reading.breaker.unit
    where = f" of {reading.strategy}" if reading.strategy else ""
    return Reason(
        f"BREAKER_{what.name.upper()}",
        f"{what.title}{where} is {reading.measured:,.2f} {unit}, it trips at {reading.trips_at:,.2f} {unit}",
    )


def rate(part: int, whole: int, *, at_least: int) -> Decimal:
    """Per cent; of too few there is no rate."""
    return Decimal(0) if whole < at_least else Decimal(part) / Decimal(whole) * 100


def drawdown(navs: tuple[Decimal, ...]) -> Decimal | None:
    """Per cent below the highest point, which is never above zero; nothing is known of no points."""
    top = max(navs, default=None)
    if top is None or top <= 0:
        return None
    return (navs[-1] - top) / top * 100
