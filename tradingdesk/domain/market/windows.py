"""Times at which a gateway restarts or its broker maintains itself: what is sent then may be lost.

A window is told in the zone in which the gateway is set, because a restart at 23:45 New York stays there
when the clocks change. One that ends before it starts runs past midnight; its weekday is its first day's.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from tradingdesk.domain.money import Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A span of the day, on some days of the week; Monday is 1."""

    title: str
    starts: time
    ends: time
    zone: str
    weekdays: frozenset[int] = frozenset(range(1, 8))

    def on(self, day: date) -> tuple[datetime, datetime] | None:
        """From when to when it is open, if it opens on that day of its zone."""
        if day.isoweekday() not in self.weekdays:
            return None
        last = day if self.ends > self.starts else day + timedelta(days=1)
        zone = ZoneInfo(self.zone)
        return datetime.combine(day, self.starts, zone), datetime.combine(last, self.ends, zone)

    def until(self, now: datetime) -> datetime | None:
        """When the window that is open now ends; None when none is."""
        there = now.astimezone(ZoneInfo(self.zone))
        for day in (there.date() - timedelta(days=1), there.date()):
            span = self.on(day)
            # instants are compared, not the wall's figures: in the autumn night those run twice
            if span and span[0].timestamp() <= now.timestamp() < span[1].timestamp():
                return span[1]
        return None


def window_problem(windows: Iterable[Window], now: datetime) -> Reason | None:
    """Why nothing may be sent through the gateway at this moment."""
    for window in windows:
        end = window.until(now)
        if end is not None:
            text = f"{window.title}: what is sent before {end:%H:%M} {window.zone} may be lost"
            return Reason("RESTART_NEAR", text)
    return None
