"""The desk's clock. It is the wall's, unless a simulated day is played: then all processes share one line.

`TRADINGDESK_CLOCK=2026-11-18T14:35:00+00:00@1795000000.0x60` reads: when the wall said 1795000000.0, the
desk's clock said 14:35, and since then it has run 60 times as fast. Several such lines, parted by semicolons,
are taken one after the other, each from its own wall time on.

`TRADINGDESK_CLOCK=follow:/path` reads the lines from a file, again and again: whoever plays a day goes fast
through the hours in which nothing happens, and tells everybody beforehand where the pace changes. Told early
enough, all processes turn at the same moment and no clock ever goes back.
"""

import functools
import os
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

FOLLOW = "follow:"
LOOK_SECONDS, LEAD = 0.05, 0.6


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


@functools.lru_cache(maxsize=8)
def parse_lines(text: str) -> tuple[Line, ...]:
    """The lines in the order in which they hold."""
    return tuple(
        sorted((parse_line(one) for one in text.split(";") if one.strip()), key=lambda one: one.wall)
    )


def line_at(wall: float) -> Line | None:
    """The line that holds at a moment of the wall; None when the desk's clock is the wall's."""
    text: str = settings.CLOCK
    lines = parse_lines(_followed(Path(text.removeprefix(FOLLOW))) if text.startswith(FOLLOW) else text)
    if not lines:
        return None
    return next((one for one in reversed(lines) if one.wall <= wall), lines[0])


@dataclass(slots=True)
class _Read:
    """What a followed file said, and when it was looked at last."""

    path: Path
    text: str
    looked_at: float
    changed_ns: int


_read: _Read | None = None


def _followed(path: Path) -> str:
    """The file's text; looked at so often that a change told LEAD seconds before is never missed."""
    global _read
    kept = _read if _read is not None and _read.path == path else None
    now = time.monotonic()
    if kept is not None and now - kept.looked_at < LOOK_SECONDS:
        return kept.text
    changed = os.stat(path).st_mtime_ns
    text = kept.text if kept is not None and kept.changed_ns == changed else path.read_text()
    _read = _Read(path, text, now, changed)
    return text


def now() -> datetime:
    """The desk's present instant, in UTC."""
    wall = time.time()
    line = line_at(wall)
    return datetime.now(UTC) if line is None else line.at(wall)


def is_simulated() -> bool:
    return bool(settings.CLOCK)


def standing_at() -> datetime | None:
    """The moment at which a clock was stopped; None while it goes. A day of the past is played so."""
    line = line_at(time.time())
    return line.desk if line is not None and not line.speed else None


def stretched(limit: timedelta) -> timedelta:
    """So much of the wall's time as the desk's clock ran through it: whoever beats by the wall is not late
    because a fast hour has just ended.
    """
    wall = time.time()
    line = line_at(wall - limit.total_seconds())
    return limit if line is None else max(limit, now() - line.at(wall - limit.total_seconds()))


def speed() -> float:
    """How many of the desk's seconds pass in one of the wall's: the screens' countdowns need it."""
    line = line_at(time.time())
    return 1.0 if line is None else line.speed
