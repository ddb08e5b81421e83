"""One session of a soak, from before the open to the night: the timetable runs it, and faults go between."""

import os
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from apps.approvals.models import Request
from apps.journal import clock
from apps.ledger.models import Fill
from apps.market.ports import CALENDAR
from apps.plans.models import Plan
from apps.reconciliation.intake.statement import take_statement
from apps.reconciliation.models import STATEMENT, Break
from apps.runbook.oneday import day_is_over
from apps.runbook.pace import busy, next_moment
from apps.runbook.seed.planfile import drop, plan_file
from apps.runbook.seed.script import planned_line
from apps.runbook.situation import session_of_day
from apps.tickets.models import Ticket
from tests.soak.injections import Injector
from tests.soak.people import TRADER, People
from tests.soak.processes import LINK, LOOK, WORKER, Never, Processes
from tests.soak.statement import statement_of_today
from tests.soak.truth import Truth
from tradingdesk.domain.plans import Line

NAMES = (
    "WEC", "ATO", "PNW", "OHI", "AEE", "NI", "SPG", "IFF", "DUK", "NEE", "JPM", "BAC", "WFC", "KO",
    "PEP", "PG", "WMT", "XOM", "CVX", "MRK", "JNJ", "CSCO", "QCOM",
)  # fmt: skip
LINES, WORTH = 2, (4000, 9000)
AWAY = ("0.0006", "0.0004", "0.0003", "-0.0015")  # of the limit from the ask: most fill, some wait
MOVES = (-2.6, -1.4, 1.3, 2.4)  # per cent, by which a name moves at once
CALM_WITHIN, RUN_WITHIN, NUDGE_SECONDS, STAND_AT_MOST = 180.0, 600.0, 1.5, 12.0
BEFORE = timedelta(seconds=2)
ON_ITS_WAY = ("WRITTEN", "RELEASED", "CLAIMED", "SENDING", "UNKNOWN")
WORTH_A_JUMP = timedelta(seconds=20)


@dataclass
class Row:
    """One line of the table that a soak prints."""

    number: int
    day: date
    faults: dict[str, int] = field(default_factory=dict)
    orders: int = 0
    fills: int = 0
    differences: list[str] = field(default_factory=list)
    report: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def good(self) -> bool:
        return not self.differences and not self.report


@dataclass
class Played:
    """Plays one session; everything chancy about it hangs on the seed and its number alone."""

    desk: Processes
    people: People
    intake: Path
    seed: int
    number: int
    day: date
    say: Callable[[str], None]
    injector: Injector = field(init=False)
    chance: random.Random = field(init=False)
    names: list[str] = field(default_factory=list)
    nudged: float = 0.0
    noted: float = 0.0
    began: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        self.chance = random.Random(f"{self.seed}/{self.number}")
        self.injector = Injector(self.desk, self.chance)

    def play(self) -> Row:
        row = Row(self.number, self.day)
        session = session_of_day(CALENDAR, self.day)
        assert session is not None
        self.go_to(session.open_at - timedelta(minutes=6))
        self.note("there")
        self.calm("before the open")
        self.note("calm")
        self.go_to(session.open_at + timedelta(seconds=40))
        self.injector.stand(self.chance.randint(2, 3))
        self.drop_plan()
        half = session.open_at + (session.close_at - session.open_at) / 2
        acts: list[tuple[datetime, str, Callable[[], None]]] = [
            (session.open_at + timedelta(minutes=12), "morning", self.move_market),
            (half, "noon", self.move_market),
            (session.close_at - timedelta(minutes=40), "afternoon", self.move_market),
        ]
        self.walk(session.open_at + timedelta(minutes=5), acts)
        self.note("day over")
        truth = Truth(self.desk)
        row.differences = self.settled(lambda: truth.differences(self.day)) or self.stated()
        row.report = truth.report(self.day)
        row.faults, row.seconds = self.injector.counted, time.monotonic() - self.began
        row.orders, row.fills = len(truth.held_orders()), len(truth.prints())
        return row

    def stated(self) -> list[str]:
        """What the broker's statement of the day has otherwise: trades, fees, positions, cash."""
        take_statement(statement_of_today(self.desk, self.day), f"flex-{self.day}.xml", actor=TRADER)
        cases = Break.objects.filter(source=f"{STATEMENT}{self.day}").exclude(state="closed")
        return [f"by the statement, {case}" for case in cases]

    def walk(self, submit: datetime, acts: list[tuple[datetime, str, Callable[[], None]]]) -> None:
        """Fast between what is due; the auction's orders and the submission get their faults as well."""
        struck: set[str] = set()
        until = time.monotonic() + RUN_WITHIN
        while not day_is_over(clock.now()):
            now = clock.now()
            if time.monotonic() > until:
                raise Never(f"the day did not end: {self.picture()}")
            self.look(rule=True)
            for name in ("submit", "close out"):
                if name not in struck and self.has_begun(name):
                    struck.add(name)
                    self.trouble(name, lambda: None, stand=0)
                    self.note(name)
            if self.injector.stood_for() > STAND_AT_MOST:
                self.trouble("what stood too long", lambda: None, stand=0)
            if acts and now >= acts[0][0]:
                _, name, act = acts.pop(0)
                self.trouble(name, act, stand=self.chance.randint(2, 3))
                self.note(name)
                if not acts:
                    self.injector.stand(self.chance.randint(2, 3))  # for what the close-out will do
                continue
            if busy(now) or not self.is_calm():
                time.sleep(LOOK)
                continue
            coming = [one for one in (next_moment(now), acts[0][0] if acts else None) if one is not None]
            if coming and min(coming) - BEFORE - now > WORTH_A_JUMP:
                self.desk.jump(min(coming) - BEFORE)
                self.note(f"jumped to {clock.now():%H:%M:%S}")
            time.sleep(LOOK)

    # what happens

    def drop_plan(self) -> None:
        """A file for today, and now and then the same once more under another name."""
        self.names = self.chance.sample(NAMES, LINES)
        lines = [self.line(number, name) for number, name in enumerate(self.names, 2)]
        name, data = plan_file(lines, clock.now())
        drop(self.intake, name, data)
        if self.chance.random() < 0.5:
            drop(self.intake, name.replace(".csv", "-again.csv"), data)
            self.injector.count("plan file twice")

    def line(self, number: int, name: str) -> Line:
        ask = Decimal(str(self.desk.turn("quote", symbol=name)["ask"]))
        price = (ask * (1 + Decimal(self.chance.choice(AWAY)))).quantize(Decimal("0.01"))
        return planned_line(number, name, price, worth=self.chance.randint(*WORTH), chance=self.chance)

    def move_market(self) -> None:
        """Each name of today jumps: targets and stops are reached, entries fill or are left behind."""
        for name in self.names:
            self.desk.turn("shift", symbol=name, percent=str(self.chance.choice(MOVES)))
        self.nudge()

    def note(self, what: str) -> None:
        """Where the seconds go, for whoever looks for them."""
        if os.environ.get("TRADINGDESK_TEST_SOAK_NOTES"):
            self.say(f"     {time.monotonic() - self.began:6.1f} {what}")

    def trouble(self, where: str, act: Callable[[], None], *, stand: int) -> None:
        """Faults stand, something happens, more goes wrong; then the stage heals and must come to rest."""
        self.injector.stand(stand)
        act()
        self.injector.strike(1)
        self.linger(2.0)
        self.injector.heal()
        self.calm(where)

    # how it comes to rest

    def look(self, *, rule: bool) -> None:
        self.people.look(clock.now(), rule=rule)
        if time.monotonic() > self.nudged + NUDGE_SECONDS:
            self.nudge()

    def nudge(self) -> None:
        """The process of prices stands nearly still for the sake of speed: sizes move instead, so that each
        quote stays young."""
        self.nudged = time.monotonic()
        for number, name in enumerate(self.names):
            size = str(4000 + int(self.nudged) % 900 + number)
            self.desk.turn("quote", symbol=name, ask_size=size, bid_size=size)

    def linger(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            self.look(rule=False)
            time.sleep(LOOK)

    def restless(self) -> str:
        """Why it is not at rest: a ready link, nothing on its way, every execution a fill with its fee."""
        on_its_way = Ticket.objects.filter(state__in=ON_ITS_WAY).values_list("key", "state")
        if not self.desk.is_ready():
            return "the link is not ready"
        if on_its_way:
            return f"on their way: {list(on_its_way)}"
        rows = Fill.objects.filter(trading_day=self.day, superseded=False, busted=False)
        fills = dict(rows.values_list("exec_id", "commission"))
        if None in fills.values():
            return "a fee is not known"
        differing = fills.keys() ^ Truth(self.desk).prints().keys()
        return f"executions of one side only: {differing}" if differing else ""

    def is_calm(self) -> bool:
        why = self.restless()
        if why and time.monotonic() > self.noted + 5:
            self.noted = time.monotonic()
            self.note(f"not calm: {why}")
        return not why

    def calm(self, where: str) -> None:
        until = time.monotonic() + CALM_WITHIN
        while not self.is_calm():
            if time.monotonic() > until:
                raise Never(f"no rest after {where}: {self.picture()}")
            self.look(rule=True)
            time.sleep(LOOK)

    def settled(self, problems: Callable[[], list[str]]) -> list[str]:
        """What still differs when the desk has had its time to read everything again."""
        until = time.monotonic() + CALM_WITHIN
        while (found := problems()) and time.monotonic() < until:
            time.sleep(1.0)
        return found

    def has_begun(self, name: str) -> bool:
        purpose = {"submit": Request.objects.filter(plan__trading_day=self.day)}.get(name)
        if purpose is not None:
            return purpose.filter(tickets__isnull=False).exists()
        return Ticket.objects.filter(role="close", created_at__gte=clock.now() - timedelta(hours=1)).exists()

    def go_to(self, moment: datetime) -> None:
        if moment - clock.now() > timedelta(seconds=1):
            self.desk.jump(moment)

    def night(self, midnight: datetime) -> None:
        """Ten minutes before midnight gateway and link are restarted; then the date turns under them."""
        self.go_to(midnight - timedelta(minutes=10))
        self.desk.stop(LINK)
        self.desk.close_gateway()
        self.note("closed")
        self.desk.open_gateway()
        self.note("opened")
        self.desk.start(LINK)
        if WORKER not in self.desk.running:
            self.desk.start(WORKER)
        self.calm("the nightly restart")
        self.note("calm at night")
        self.go_to(midnight - timedelta(seconds=2))
        time.sleep(4.0)

    def picture(self) -> str:
        """What a failure needs to be understood."""
        states = dict(Ticket.objects.filter(line__plan__trading_day=self.day).values_list("key", "state"))
        plans = list(Plan.objects.filter(trading_day=self.day).values_list("state", "summary"))
        ours = set(Fill.objects.filter(trading_day=self.day).values_list("exec_id", flat=True))
        lost = Truth(self.desk).prints().keys() ^ ours
        return "\n".join(
            [
                f"seed {self.seed}, session {self.number}, {self.day}, at {clock.now():%H:%M:%S} UTC",
                f"faults {self.injector.counted}",
                f"plans {plans}",
                f"tickets {states}",
                f"executions of one side only {lost}",
                f"people {dict(self.people.acts)} refused {self.people.refused[-5:]}",
                f"link ready {self.desk.is_ready()}",
                "link's log …" + self.desk.last_words(LINK),
                "worker's log …" + self.desk.last_words(WORKER, 1500),
            ]
        )
