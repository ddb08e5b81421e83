"""The gateway's own time: real, faster, slower, standing still, moved by hand; started at any instant."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from apps.simgateway.exchange.instant import SECOND, Instant, Micros, from_datetime

Turn = tuple[Instant, float]  # at which wall time which speed begins
_SPANS = {"us": 1, "ms": 1_000, "s": SECOND, "min": 60 * SECOND, "h": 3_600 * SECOND, "d": 86_400 * SECOND}


def wall_now() -> Instant:
    """The instant on the machine's own clock."""
    return time.time_ns() // 1_000


class Clock:
    """Gateway time as a line through machine time: an origin and a speed. It never runs backwards."""

    def __init__(
        self,
        start: Instant | None = None,
        *,
        since: Instant | None = None,
        speed: float = 1.0,
        wall: Callable[[], Instant] = wall_now,
    ) -> None:
        self._wall = wall
        self._speed = _checked(speed)
        self._paused = False
        self._wall_origin = wall() if since is None else since
        self._origin = self._wall_origin if start is None else start
        self._latest = self._origin
        self._turns: list[Turn] = []

    @property
    def speed(self) -> float:
        return 0.0 if self._paused else self._speed

    @property
    def is_paused(self) -> bool:
        return self._paused

    def now(self) -> Instant:
        self._take_turns()
        passed = self._wall() - self._wall_origin
        instant = self._origin if self._paused else self._origin + int(passed * self._speed)
        self._latest = max(self._latest, instant)
        return self._latest

    def pause(self) -> None:
        self._anchor(self.now())
        self._paused = True

    def resume(self) -> None:
        self._anchor(self.now())
        self._paused = False

    def run_at(self, speed: float) -> None:
        """Go on at another speed from here."""
        speed = _checked(speed)
        self._anchor(self.now())
        self._speed = speed
        self._paused = False

    def turn_at(self, wall: Instant, speed: float) -> None:
        """Go on at another speed from a coming moment of the machine's clock; it may be told long before."""
        self._turns = sorted([*(turn for turn in self._turns if turn[0] < wall), (wall, _checked(speed))])

    def _take_turns(self) -> None:
        """Bend the line exactly where it was told to bend, however late anybody looks."""
        while self._turns and self._turns[0][0] <= self._wall():
            wall, speed = self._turns.pop(0)
            if not self._paused:
                self._origin += int((wall - self._wall_origin) * self._speed)
            self._wall_origin, self._speed, self._paused = wall, speed, False

    def step(self, span: Micros) -> Instant:
        """Move forward by a span, keeping pace or pause as it is."""
        if span < 0:
            raise ValueError("the clock cannot run backwards")
        self._anchor(self.now() + span)
        return self.now()

    def move_to(self, instant: Instant) -> Instant:
        return self.step(instant - self.now())

    def seconds_until(self, instant: Instant) -> float | None:
        """Seconds of machine time until that instant; None while the clock stands still."""
        if self._paused:
            return None
        seconds = max(0, instant - self.now()) / SECOND / self._speed
        # a turn to another pace is a moment to look again
        return min(seconds, (self._turns[0][0] - self._wall()) / SECOND) if self._turns else seconds

    def _anchor(self, instant: Instant) -> None:
        self._wall_origin = self._wall()
        self._origin = instant


def _checked(speed: float) -> float:
    if not 0 < speed <= 1_000_000:
        raise ValueError(f"speed must be above 0 and at most 1000000, not {speed}; to stand still, pause")
    return speed


@dataclass(frozen=True, slots=True)
class Standing:
    """What a clock that others read too said at one moment of the machine's, how fast it has gone since, and
    where its pace turns next."""

    start: Instant
    since: Instant
    speed: float
    turns: tuple[Turn, ...]


def read_standing(text: str, wall: Instant) -> Standing:
    """`INSTANT@WALLxSPEED;…`: INSTANT when the machine's clock said WALL, and at that SPEED since; each line
    holds from its own WALL on."""
    lines = sorted(_read_line(one) for one in text.strip().split(";"))
    held = max((place for place, line in enumerate(lines) if line[0] <= wall), default=0)
    since, speed, instant = lines[held]
    turns = tuple((begins, pace) for begins, pace, _ in lines[held + 1 :])
    return Standing(instant, since, speed, turns)


def _read_line(text: str) -> tuple[Instant, float, Instant]:
    instant, _, rest = text.partition("@")
    wall, _, speed = rest.partition("x")
    return int(float(wall) * SECOND), _checked(float(speed or 1)), read_instant(instant)


def read_turn_of_pace(text: str) -> Turn:
    """'1795000000.5 120': from that second of the machine's clock on, 120 times as fast."""
    try:
        wall, speed = text.split()
        return int(float(wall) * SECOND), float(speed)
    except ValueError:
        raise ValueError(f"'{text}' is no turn; write SECONDS SPEED, such as 1795000000.5 120") from None


def read_span(text: str) -> Micros:
    """'500ms', '5 s', '2 min', '1h' in microseconds."""
    compact = text.replace(" ", "")
    digits = compact.rstrip("abcdefghijklmnopqrstuvwxyz")
    unit = _SPANS.get(compact[len(digits) :] or "s")
    if unit is None or not digits:
        raise ValueError(f"'{text}' is not a span of time; write 500ms, 5s, 2min, 1h or 1d")
    try:
        return int(float(digits) * unit)
    except ValueError:
        raise ValueError(f"'{text}' is not a span of time; '{digits}' is not a number") from None


def read_instant(text: str) -> Instant:
    """'2026-11-20T09:30:00 US/Eastern', or with an offset; without either it is UTC."""
    words = text.replace("T", " ").split()
    zone = words.pop() if words and words[-1][:1].isalpha() else ""
    try:
        moment = datetime.fromisoformat(" ".join(words))
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=ZoneInfo(zone or "UTC"))
    except (ValueError, ZoneInfoNotFoundError):
        raise ValueError(
            f"'{text}' is not a time; write 2026-11-20T09:30:00 US/Eastern or 2026-11-20T14:30:00+00:00"
        ) from None
    return from_datetime(moment)
