"""One gateway: sessions in, messages out, and the timers between.

Everything that happens to a gateway is one of six inputs: a socket opens, says hello, sends a frame, closes;
somebody at the control door turns something; time passes. Each input names its instant. All that comes out is
in `take()`. Nothing else is read, so the recorded inputs of a day give the same day again, byte for byte.
"""

import heapq
import itertools
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from apps.simgateway.exchange.instant import Instant, Micros
from apps.simgateway.wire.framing import written


@dataclass(slots=True)
class Write:
    """Bytes for one socket: a frame, or several in a row."""

    conn: int
    data: bytes
    ahead: int = 0  # so many bytes at its beginning went out before the rest was made


@dataclass(frozen=True, slots=True)
class Hangup:
    """Close the socket; `abort` resets it instead of a clean end."""

    conn: int
    abort: bool = False


@dataclass(frozen=True, slots=True)
class Stall:
    """Stop (or go on) reading and writing a socket, without closing it."""

    conn: int
    on: bool


Output = Write | Hangup | Stall


@dataclass(slots=True)
class Session:
    """One accepted socket and what its client has subscribed to."""

    conn: int
    version: int = 0
    client_id: int = -1
    ready: bool = False  # startApi was answered
    closed: bool = False  # the socket is gone: nothing more is said to it
    streams: dict[Any, Any] = field(default_factory=dict)  # (kind, reqId) → whatever its module keeps
    frame: list[str] = field(default_factory=list)  # the words of the request being handled
    arrivals: deque[Instant] = field(default_factory=deque)  # when its latest requests were let in
    violations: int = 0  # how often it was too fast
    binds_manual: bool = False  # reqAutoOpenOrders was asked for


class ControlRefused(ValueError):
    """A turn at the control door that cannot be done; the text says what can."""


class Timers:
    """Things due later, in order of time and then of asking."""

    def __init__(self) -> None:
        self._heap: list[tuple[Instant, int, Callable[[], None]]] = []
        self._serial = itertools.count()

    def at(self, when: Instant, act: Callable[[], None]) -> None:
        heapq.heappush(self._heap, (when, next(self._serial), act))

    @property
    def next_due(self) -> Instant | None:
        return self._heap[0][0] if self._heap else None

    def pop(self) -> tuple[Instant, Callable[[], None]]:
        when, _, act = heapq.heappop(self._heap)
        return when, act


class Outbox:
    """Messages on their way to sockets. Those in a row for the same socket go out as one piece."""

    def __init__(self) -> None:
        self._waiting: list[Output] = []
        self._frames: list[bytes] = []  # the latest, all for one socket
        self._conn = 0
        self._gone = 0
        self.ahead: Callable[[int, bytes], None] | None = None  # who sends the first of a burst at once

    def frame(self, conn: int, fields: Sequence[str]) -> None:
        self.body(conn, written(fields))

    def body(self, conn: int, body: bytes) -> None:
        """A message whose fields are bytes already, each closed by a NUL."""
        if conn != self._conn:
            self._close()
            self._conn = conn
        size = len(body).to_bytes(4, "big")
        if self.ahead is not None:
            ahead, self.ahead = self.ahead, None
            if not (self._frames or self._waiting):
                ahead(conn, size + body)
                self._gone = len(size) + len(body)
        self._frames += (size, body)

    def half(self, conn: int, fields: Sequence[str]) -> None:
        """The length of a message, and not all of what it promises."""
        body = written(fields)
        self.put(Write(conn, len(body).to_bytes(4, "big") + body[: len(body) // 2]))

    def put(self, output: Output) -> None:
        self._close()
        self._waiting.append(output)

    def take(self) -> list[Output]:
        self._close()
        waiting, self._waiting = self._waiting, []
        return waiting

    def _close(self) -> None:
        if self._frames:
            self._waiting.append(Write(self._conn, b"".join(self._frames), self._gone))
            self._frames.clear()
            self._gone = 0


def later(timers: Timers, now: Instant, delay: Micros, act: Callable[[], None]) -> None:
    """Do it now when there is no delay, else when it is due."""
    if delay <= 0:
        act()
    else:
        timers.at(now + delay, act)
