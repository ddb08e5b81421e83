"""Times at which a gateway restarts or its broker maintains itself: what is sent then may be lost.

A window is told in the zone in which the gateway is set, because a restart at 23:45 New York stays there
when the clocks change. One that ends before it starts runs past midnight; its weekday is its first day's.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
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

    def until(self, now: datetime) -> datetime | None:
        """When the window that is open now ends; None when none is."""
        there = now.astimezone(ZoneInfo(self.zone))
        for day in (there.date() - timedelta(days=1), there.date()):
            if day.isoweekday() not in self.weekdays:
                continue
            last = day if self.ends > self.starts else day + timedelta(days=1)
            start = datetime.combine(day, self.starts, ZoneInfo(self.zone))
            end = datetime.combine(last, self.ends, ZoneInfo(self.zone))
            # instants are compared, not the wall's figures: in the autumn night those run twice
            if start.timestamp() <= now.timestamp() < end.timestamp():
                return end
        return None


def window_problem(windows: Iterable[Window], now: datetime) -> Reason | None:
    """Why nothing may be sent through the gateway at this moment."""
    for window in windows:
        end = window.until(now)
        if end is not None:
            text = f"{window.title}: what is sent before {end:%H:%M} {window.zone} may be lost"
            return Reason("RESTART_NEAR", text)
    return None
