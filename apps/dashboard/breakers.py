"""The breakers as rows: what each measures, how far it is from its threshold, what it did last."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from apps.dashboard.templatetags.desk import DASH, quantity
from apps.risk.queries import breaker_readings, last_trips, open_trips, paused_breakers
from tradingdesk.domain.risk.breakers import BREAKERS, Breaker, BreakerState, Reading, state_of
from tradingdesk.domain.risk.stops import StopLevel

CSS = {BreakerState.TRIPPED: "high", BreakerState.DISABLED: "medium"}
ACTIONS = {
    StopLevel.ACTIVE: "warns",
    StopLevel.REDUCE_ONLY: "reduces",
    StopLevel.HALTED: "halts",
}


@dataclass(frozen=True, slots=True)
class BreakerRow:
    name: str
    title: str
    now: str
    trips_at: str
    distance: str
    state: str
    css: str
    last: datetime | None
    last_text: str
    action: str
    reset: str
    until: datetime | None
    by: str
    why: str


def breaker_rows(now: datetime) -> list[BreakerRow]:
    """The table's order; a strategy's breaker stands once for each strategy that is not at rest, or once."""
    readings, trips, lasts, paused = breaker_readings(), open_trips(), last_trips(), paused_breakers(now)
    rows = []
    for name, breaker in BREAKERS.items():
        for strategy in _strategies(breaker, readings):
            stored = readings.get((name, strategy))
            reading = Reading(
                breaker=breaker,
                measured=stored.measured if stored else None,
                strategy=strategy,
                threshold=stored.threshold if stored else None,
            )
            rows.append(
                _row(
                    reading,
                    trip=trips.get((name, strategy)),
                    last=lasts.get((name, strategy)),
                    pause=paused.get(name),
                    now=now,
                )
            )
    return rows


def _strategies(breaker: Breaker, readings: dict[tuple[str, str], Any]) -> list[str]:
    if not breaker.per_strategy:
        return [""]
    return sorted(strategy for name, strategy in readings if name == breaker.name) or [""]


def _row(reading: Reading, *, trip: Any, last: Any, pause: Any, now: datetime) -> BreakerRow:
    breaker = reading.breaker
    until = pause.until if pause else None
    state = state_of(reading, tripped=trip is not None, disabled_until=until, now=now)
    return BreakerRow(
        name=breaker.name,
        title=f"{breaker.title}, {reading.strategy}" if reading.strategy else breaker.title,
        now=_figure(reading.measured, breaker.unit),
        trips_at=_figure(reading.trips_at, breaker.unit),
        distance=_figure(reading.distance, ""),
        state=state.value,
        css=CSS.get(state, ""),
        last=last.tripped_at if last else None,
        last_text=last.reason if last else "never",
        action=ACTIONS[breaker.level],
        reset=breaker.reset.value,
        until=until,
        by=pause.by if pause else "",
        why=pause.reason if pause else (trip.reason if trip else ""),
    )


def _figure(value: Decimal | None, unit: str) -> str:
    return DASH if value is None else f"{quantity(round(value, 2))} {unit}".strip()


def headline(rows: list[BreakerRow]) -> str:
    counts = {state: sum(row.state == state.value for row in rows) for state in BreakerState}
    told = [f"{number} {state.value}" for state, number in counts.items() if number]
    return ", ".join(told)


def breakers_off(now: datetime) -> list[dict[str, Any]]:
    """What does not watch now, and until when: said on every page as long as it is so."""
    rows = paused_breakers(now).values()
    return [
        {"title": BREAKERS[row.name].title, "until": row.until, "by": row.by, "reason": row.reason}
        for row in rows
    ]
