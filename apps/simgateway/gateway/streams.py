"""What repeats until it is cancelled: one place for keeping, finding and ending a client's subscriptions."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from apps.simgateway.exchange.instant import Instant, Micros
from apps.simgateway.gateway.core import Session
from apps.simgateway.gateway.hub import Hub


@dataclass(slots=True, eq=False)
class Stream:
    """One subscription. `about` is what its module keeps: the account, the feed, what was told last."""

    session: Session
    kind: str
    number: int
    about: Any = None

    @property
    def alive(self) -> bool:
        """Whether it is still the one that its client has under this number."""
        return not self.session.closed and self.session.streams.get((self.kind, self.number)) is self


def begin(session: Session, kind: str, number: int, about: Any = None) -> Stream:
    """Keep a subscription; it takes the place of one of the same kind and number."""
    stream = Stream(session, kind, number, about)
    session.streams[kind, number] = stream
    return stream


def end(session: Session, kind: str, number: int) -> bool:
    """End a subscription; False when there was none."""
    return session.streams.pop((kind, number), None) is not None


def of_kind(session: Session, kind: str) -> list[Any]:
    """A client's subscriptions of one kind, oldest first."""
    return [stream for key, stream in session.streams.items() if key[0] == kind]


def everywhere(gateway: Hub, kind: str) -> list[Any]:
    """All clients' subscriptions of one kind."""
    return [stream for session in gateway.sessions_ready() for stream in of_kind(session, kind)]


def repeat(gateway: Hub, stream: Stream, due: Callable[[], Instant], act: Callable[[], None]) -> None:
    """Act again and again while the subscription lives and the line is up; `due` tells when next."""

    def turn() -> None:
        if stream.alive:
            if gateway.link_up:
                act()
            repeat(gateway, stream, due, act)

    least = max(1, gateway.switches.quote_pause_ms * 1_000)
    gateway.timers.at(max(due(), gateway.now + least), turn)


def every(gateway: Hub, stream: Stream, interval: Micros, act: Callable[[], None]) -> None:
    """Act at a fixed interval from now."""
    repeat(gateway, stream, lambda: gateway.now + interval, act)
