"""A day that plays by itself: fast through the hours in which nothing happens, at the wall's pace where
something does. Whoever plays it tells every process beforehand at which moment the pace turns.
"""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction

from apps.broker.ports import REREAD
from apps.journal import clock
from apps.journal.actions.write_entry import write_entry
from apps.journal.ports import Subject
from apps.market.ports import CALENDAR
from apps.risk.models import Stopping
from apps.runbook.models import DayStep
from apps.runbook.oneday import Teller, day_is_over, steps_today
from apps.runbook.seed import stage
from apps.runbook.situation import session_of_day, trading_day
from apps.runbook.steps import something_lives, still_held
from apps.tickets.models import Ticket
from tradingdesk import env
from tradingdesk.domain.market.timetable import CLOSE_OUT
from tradingdesk.domain.tickets.states import State

BEFORE = timedelta(seconds=2)  # so long before something is due the pace is the wall's again
WORTH_IT = timedelta(seconds=30)  # a shorter way is walked at the wall's pace
SLOW_AT_LEAST = 3.0  # seconds of the wall after each turn back
LOOK_SECONDS = 0.4
LOUD_BEFORE = 1.0
ASKED_AT_MOST = 6
BUSY_AT_MOST = 90.0  # seconds of the wall that one thing may hold the day up, such as a person who is awaited
_ON_ITS_WAY = [State.WRITTEN, State.RELEASED, State.CLAIMED, State.SENDING, State.UNKNOWN]


def write_clock(*lines: clock.Line) -> None:
    """Whole or not at all: other processes read it twenty times a second."""
    path = env.clock_file()
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.write_text(";".join(str(line) for line in lines))
    os.replace(part, path)


@dataclass(slots=True)
class Player:
    """Looks a few times a second at the day's rows and turns the pace."""

    speed: float
    say: Callable[[str], None]
    looked_at: float = 0.0
    slow_until: float = 0.0
    fast_until: float = 0.0
    busy_since: float = 0.0
    quiet: bool = False
    told: float = 1.0
    teller: Teller = field(init=False)

    def __post_init__(self) -> None:
        self.teller = Teller(self.say)

    def look(self) -> bool:
        """True when the day is over: every step of it has ended."""
        wall = time.time()
        if wall - self.looked_at < LOOK_SECONDS:
            return False
        self.looked_at = wall
        now = clock.now()
        self.teller.look(now)
        if day_is_over(now):
            return True
        if self.quiet and wall > self.fast_until - LOUD_BEFORE:
            self.quieten(1.0)
        if clock.speed() != self.told:
            self.tell(clock.speed())
        if wall < max(self.fast_until, self.slow_until):
            return False
        if not any(steps_today(now)):
            return False  # the worker has not laid the day yet: nobody knows what comes next
        self.busy_since = (self.busy_since or wall) if busy(now) else 0.0
        if self.busy_since and wall - self.busy_since < BUSY_AT_MOST:
            return False
        self.go_on(now, wall)
        return False

    def go_on(self, now: datetime, wall: float) -> None:
        """Fast until just before the next moment at which something is due."""
        due = next_moment(now)
        starts = wall + clock.LEAD
        begin = clock.line_at(wall)
        if due is None or begin is None or due - BEFORE - begin.at(starts) < WORTH_IT:
            return
        if not ask_patiently("status"):
            return  # there is no gateway this moment; it comes back
        ends = starts + (due - BEFORE - begin.at(starts)).total_seconds() / self.speed
        fast = clock.Line(begin.at(starts), starts, self.speed)
        write_clock(begin, fast, clock.Line(fast.at(ends), ends, 1.0))
        for moment, pace in ((starts, self.speed), (ends, 1.0)):
            ask_patiently("clock", how="turn", value=f"{moment:.6f} {pace:g}")
        self.quieten(self.speed)
        self.fast_until, self.slow_until, self.busy_since = ends, ends + SLOW_AT_LEAST, 0.0

    @transaction.atomic
    def tell(self, pace: float) -> None:
        """Every screen learns of it. What was heard in a fast hour is old after it, and is asked for anew."""
        topics = (REREAD,) if pace <= 1 else ()
        write_entry(
            "turn_pace", subject=Subject("runbook.clock", "demo"), after={"pace": pace}, topics=topics
        )
        self.told = pace

    def quieten(self, speed: float) -> None:
        """Few quotes in a fast hour; loud again only when a gateway has heard it, be it a new one."""
        told = ask_patiently("switch", name="quote_pause_ms", value=str(stage.quote_pause(speed)))
        self.quiet = speed > 1 or not told


def ask_patiently(verb: str, **args: str) -> bool:
    """A gateway deep in a fast hour answers late; what is told twice holds once, from its own moment.

    False: there is none. The one that is started in its place reads the clock for itself.
    """
    for left in reversed(range(ASKED_AT_MOST)):
        try:
            stage.ask_gateway(verb, **args)
        except OSError as wrong:  # timed out, on the way or waiting
            if isinstance(getattr(wrong, "reason", wrong), ConnectionError):
                return False
            if not left:
                raise
        else:
            return True
    return False


def busy(now: datetime) -> bool:
    """Whether something is under way that takes seconds, and not hours until the auction."""
    begun = (row for row in steps_today(now) if row.due_at <= now and not row.outcome)
    return any(row.name != CLOSE_OUT or not _waits_for_auction(row, now) for row in begun)


def _waits_for_auction(row: DayStep, now: datetime) -> bool:
    session = session_of_day(CALENDAR, row.session_date)
    asked = Stopping.objects.filter(
        purpose=Stopping.CLOSE_OUT,
        account_code=row.account.code,
        day=row.session_date,
        key=row.strategy.name if row.strategy else "",
    ).first()
    if row.strategy is None or session is None or now >= session.close_at:
        return False
    if asked is None:
        return row.started_at is not None and not something_lives(row.account, row.strategy)
    if asked.state == Stopping.ENDED:
        return not still_held(row.account, row.strategy)
    closes = Ticket.objects.filter(stopping=asked)
    on_its_way = closes.filter(state__in=[state.value for state in _ON_ITS_WAY])
    return asked.state == Stopping.CLOSING and closes.exists() and not on_its_way.exists()


def next_moment(now: datetime) -> datetime | None:
    """When something is due next: a step, or the close with its auction."""
    session = session_of_day(CALENDAR, trading_day(now))
    moments = [row.due_at for row in steps_today(now) if not row.outcome and row.started_at is None]
    moments += [session.open_at, session.close_at] if session else []
    return min((one for one in moments if one > now), default=None)
