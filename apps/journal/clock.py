"""The desk's clock. It is the wall's, unless a simulated day is played: then all processes share one line.

`TRADINGDESK_CLOCK=2026-11-18T14:35:00+00:00@1795000000.0x60` reads: when the wall said 1795000000.0, the
desk's clock said 14:35, and since then it has run 60 times as fast.
"""

import functools
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured


@dataclass(frozen=True, slots=True)
class Line:
    """Where a simulated clock was at one moment of the wall, and how fast it goes."""

    desk: datetime
    wall: float
    speed: float = 1.0

    def at(self, wall: float) -> datetime:
        return self.desk + timedelta(seconds=(wall - self.wall) * self.speed)

    def __str__(self) -> str:
        return f"{self.desk.isoformat()}@{self.wall}x{self.speed:g}"


def parse_line(text: str) -> Line:
    try:
        desk, _, rest = text.partition("@")
        wall, _, speed = rest.partition("x")
        return Line(datetime.fromisoformat(desk).astimezone(UTC), float(wall), float(speed or 1))
    except ValueError as wrong:
        raise ImproperlyConfigured(
            f"TRADINGDESK_CLOCK is {text!r}; write INSTANT@WALLxSPEED, or leave it out for the wall's time"
        ) from wrong


@functools.lru_cache(maxsize=1)
def _line(text: str) -> Line | None:
    return parse_line(text) if text else None


def now() -> datetime:
    """The desk's present instant, in UTC."""
    line = _line(settings.CLOCK)
    return datetime.now(UTC) if line is None else line.at(time.time())


def is_simulated() -> bool:
    return bool(settings.CLOCK)


def speed() -> float:
    """How many of the desk's seconds pass in one of the wall's: the screens' countdowns need it."""
    line = _line(settings.CLOCK)
    return 1.0 if line is None else line.speed
