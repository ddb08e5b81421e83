"""What one link knows while it runs: its gateway, its socket, its session, and what it has heard."""

import asyncio
import os
import socket
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from apps.broker.actions.claim_bracket import Judge
from apps.broker.actions.record_events import Booker
from apps.broker.link.databasethread import DatabaseThread
from apps.broker.link.pacing import Pace
from apps.broker.models import LinkSession
from apps.broker.ports import Broker, Heard, MoneyTold, PositionTold, Ticks
from apps.desks.models import Gateway
from apps.journal import clock
from tradingdesk.domain.approvals import Tick
from tradingdesk.domain.market import Window, window_problem
from tradingdesk.domain.money import Reason

# Raw callbacks kept while the database is away: a stop long before any machine suffers.
HEARD_AT_MOST = 200_000
LINK_LOST, LINK_RESTORED = 1100, (1101, 1102)
TOO_FAST = 100
DOUBT_AFTER = 1.0  # seconds after "too fast" until cancels without an answer are taken for dropped


class Release(Protocol):
    """None: released. A reason: not, and if it is none that passes by itself, people have it back."""

    def __call__(self, window_id: int, *, link_ready: bool, clock_jumped: bool) -> Reason | None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Doors:
    """The stations further down the road, handed in by the runbook: the link itself knows none of them."""

    judge: Judge  # the limits and the market, at the claim
    market: Judge  # quotes, session and cut-off, again before the write
    book: Booker  # executions and commissions
    book_positions: Callable[[tuple[PositionTold, ...], datetime], None]
    release: Release  # of a window that ran out, with everything looked at again
    book_money: Callable[[tuple[MoneyTold, ...], datetime], None]
    held: Callable[[str], Decimal]  # the broker's count of what the close with this key would reduce
    finish_stops: Callable[[int, datetime | None], bool]  # True: it needs the broker's books, read anew
    borne_out: Callable[[int, Sequence[str], Sequence[PositionTold]], bool]  # the count lacks them as well


@dataclass(slots=True, kw_only=True)
class Link:
    gateway: Gateway
    broker: Broker
    doors: Doors
    instance: str
    db: DatabaseThread = field(default_factory=DatabaseThread)
    deadlines: DatabaseThread = field(default_factory=DatabaseThread)  # windows alone: nothing is before them
    pace: Pace = field(default_factory=Pace)
    slowed: bool = False  # the gateway said it was too much, and the journal does not know yet
    cancels_doubted_at: float | None = None  # when to look which cancels the gateway dropped
    holder: str = field(default_factory=lambda: f"{socket.gethostname()}:{os.getpid()}")
    epoch: int = 0
    session: LinkSession | None = None
    ready: bool = False
    link_to_broker: bool = True  # False between 1100 and 1101/1102
    breaks: int = 0  # how often that connection was lost in this session
    synced: bool = True  # everything was read again since the last break
    silent: bool = False  # the gateway has not said a word for too long
    deposed: bool = False  # another link holds the lease
    not_ready_code: str = "LINK_STARTING"
    not_ready_why: str = "the link is starting"
    heard: deque[Heard] = field(default_factory=deque)
    news: asyncio.Event = field(default_factory=asyncio.Event)
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    recall: asyncio.Event = field(default_factory=asyncio.Event)  # somebody cancels or stops
    resync: asyncio.Event = field(default_factory=asyncio.Event)
    reread: asyncio.Event = field(default_factory=asyncio.Event)
    lost: asyncio.Event = field(default_factory=asyncio.Event)
    why_lost: str = ""
    clock_tick: Tick | None = None  # the last comparison of the database's clock with our own
    ticks: dict[int, Ticks] = field(default_factory=dict)
    database_lost: bool = False
    acked_since_ready: bool = False
    sent_ids: set[int] = field(default_factory=set)  # order ids written in this session
    set_aside: set[str] = field(default_factory=set)  # brackets whose claim broke
    lacked: dict[str, datetime] = field(default_factory=dict)  # executions that the list lacks, since when
    windows: list[Window] = field(default_factory=list)  # when the gateway restarts, read every second
    measures: dict[str, float | None] = field(default_factory=dict)
    farms: dict[str, str] = field(default_factory=dict)

    def hear(self, item: Heard) -> None:
        """Called inside the library's callback: it only appends, and notes at once what stops the sending."""
        if item.code == LINK_LOST:
            self.link_to_broker, self.synced = False, False
            self.breaks += 1
        elif item.code in LINK_RESTORED:
            self.link_to_broker = True
        elif item.code == TOO_FAST:
            self._slow_down(time.monotonic())
        self.heard.append(item)
        self.news.set()

    def _slow_down(self, now: float) -> None:
        """Whatever was too much the gateway did not take, a cancel or an order, and it does not say which."""
        self.slowed = self.pace.slow_down(now) or self.slowed
        if self.cancels_doubted_at is None:
            self.cancels_doubted_at = now + DOUBT_AFTER

    def lose(self, why: str) -> None:
        self.ready = False
        self.why_lost = self.why_lost or why
        self.lost.set()

    def not_ready(self, code: str, why: str) -> None:
        self.ready = False
        self.not_ready_code, self.not_ready_why = code, why

    def may_send(self) -> bool:
        return (
            self.ready
            and self.link_to_broker
            and self.synced
            and not self.silent
            and not self.database_lost
            and not self.lost.is_set()
            and self.broker.is_open
        )

    def restart_problem(self) -> Reason | None:
        """Why nothing is to be written now although it could be: the gateway is about to restart."""
        return window_problem(self.windows, clock.now())

    def database_away(self) -> None:
        self.database_lost = True

    def database_back(self) -> None:
        """Everything is read again: nobody knows what was said to a desk that could not write."""
        if self.database_lost:
            self.database_lost = False
            self.synced = False
            self.resync.set()

    @property
    def living(self) -> LinkSession:
        if self.session is None:
            raise RuntimeError("there is no session")
        return self.session

    def begin(self) -> None:
        """A new life of the socket: what was true of the last one is forgotten."""
        self.session, self.ready, self.link_to_broker = None, False, True
        self.synced, self.silent = True, False
        self.sent_ids.clear()
        self.why_lost, self.acked_since_ready = "", False
        self.lost.clear()
        self.resync.clear()
        self.reread.clear()
        self.ticks.clear()
        self.farms.clear()
