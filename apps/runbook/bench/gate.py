"""The gate: a window released at its deadline, a cancel, an approval, fifty screens at one countdown."""

import json
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from decimal import Decimal
from itertools import cycle, islice

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from apps.approvals.actions.start_window import start_window
from apps.approvals.models import Request, Window
from apps.broker.queries import previews_of
from apps.desks.actions.beat import beat
from apps.desks.models import Phase
from apps.journal import clock
from apps.journal.database_clock import database_now
from apps.journal.ports import SYSTEM
from apps.risk.actions.set_stop import set_stop
from apps.risk.models import Stop, Stopping, Verdict
from apps.runbook.bench.day import TRADER, Day, execute, wait_for
from apps.runbook.bench.figures import Figure, figure
from apps.runbook.bench.orders import picture
from apps.runbook.bench.screens import cookie
from apps.runbook.bench.tables import time_line
from apps.runbook.stopping import kill
from apps.runbook.windows import cancel_counting
from apps.tickets.models import Ticket

CANCELS, RELEASES, SOON, SCREENS, TELLINGS = 40, 30, 1.5, 50, 5
WEB_BEATS = 1.0  # seconds
TOLD = [{"channel": "bench", "at": "measured"}]
ON_ITS_WAY = ["RELEASED", "CLAIMED", "SENDING"]
Prices = dict[str, Decimal]


def measure_gate(day: Day, prices: Prices) -> list[Figure]:
    """On symbols that nothing else of this run has touched; afterwards nothing of it works any more."""
    with walking():
        cancels = [time_cancel(counting(day, {s: p})) for s, p in islice(cycle(prices.items()), CANCELS)]
        late = list(release_rounds(day, prices))
    timed = [time_approval(day, {s: p}) for s, p in prices.items()]
    told, approved, checks = zip(*timed, strict=True)
    clear(day)
    lines = [time_line() for _ in range(100)]
    return [
        figure(
            "walk window: released after its deadline",
            late,
            beside="a bare sleep to a deadline wakes up",
            baseline=[oversleep() for _ in range(40)],
            aim="p99 ≤ 250 ms",
        ),
        figure(
            "CANCEL pressed → committed",
            cancels,
            beside="one journal line and its commit",
            baseline=lines,
            aim="p99 ≤ 100 ms",
        ),
        figure(
            "proposed → the broker's what-if is on the card",
            told,
            beside="one journal line and its commit",
            baseline=lines,
            aim="",
        ),
        figure(
            f"EXECUTE → committed, {min(checks)} checks and what-if",
            approved,
            beside="one journal line and its commit",
            baseline=lines,
            aim="median ≤ 1 s",
        ),
    ]


@contextmanager
def walking() -> Iterator[None]:
    Phase.objects.update(phase="walk")
    try:
        yield
    finally:
        Phase.objects.update(phase="crawl")


def counting(day: Day, prices: Prices, *, quantity: int = 4) -> Window:
    """A plan whose alert was delivered and whose window runs."""
    request = day.propose(prices, quantity=quantity)
    if request.state != Request.COUNTING:
        raise RuntimeError(f"it does not walk: {request.phase_code} {request.phase_reason}")
    beat("web")
    window = Window.objects.get(request=request)
    problem = start_window(window.pk, delivered=TOLD)
    if problem is not None:
        raise RuntimeError(f"its window did not open: {problem}")
    return window


def time_cancel(window: Window) -> float:
    began = time.perf_counter()
    told = cancel_counting(window.pk, actor=TRADER, how={})
    passed = time.perf_counter() - began
    if told.outcome != "cancelled":
        raise RuntimeError(f"not cancelled: {told.outcome}")
    return passed


def lateness(window: Window) -> float:
    """Its deadline is brought near as a whole, so that nobody waits a minute for each."""
    ends = database_now() + timedelta(seconds=SOON)
    began = ends - timedelta(seconds=window.seconds)
    Window.objects.filter(pk=window.pk).update(opened_at=began, send_at=ends, ends_at=ends)

    beaten = 0.0

    def released() -> bool:
        nonlocal beaten
        if time.monotonic() - beaten > WEB_BEATS:  # no web process here says that screens can be seen
            beat("web")
            beaten = time.monotonic()
        window.refresh_from_db()
        return window.state not in Window.RUNNING

    wait_for(released, "the end of a window", 30)
    if window.state != Window.RELEASED or window.closed_at is None:
        raise RuntimeError(f"not released: {window.reason_code} {window.reason}")
    settle(window.request_id)
    return (window.closed_at - ends).total_seconds()


def release_rounds(day: Day, prices: Prices) -> Iterator[float]:
    """One window after the other; after each round of all symbols what works is cleared away."""
    for number, (symbol, price) in enumerate(islice(cycle(prices.items()), RELEASES), 1):
        yield lateness(counting(day, {symbol: price}, quantity=4 + number // len(prices)))
        if number % len(prices) == 0:
            clear(day)


def oversleep() -> float:
    began = time.perf_counter()
    time.sleep(0.05)
    return time.perf_counter() - began - 0.05


def time_approval(day: Day, prices: Prices) -> tuple[float, float, int]:
    """Until the what-if was there, the click's own call, and how many checks that made again."""
    began = time.perf_counter()
    request = day.propose(prices)
    previews = previews_of(request.pk)
    wait_for(lambda: previews.exists() and not previews.filter(state="asked").exists(), "the what-if", 60)
    told = time.perf_counter() - began
    began = time.perf_counter()
    execute(request)
    passed = time.perf_counter() - began
    checks = Verdict.objects.filter(subject_kind="request", subject_id=request.pk, stage="approval")
    settle(request.pk)
    return told, passed, checks.count()


def settle(request_id: int) -> None:
    """Each order has left, or has been given up: nothing of it is on its way when the next one is timed."""
    mine = Ticket.objects.filter(request=request_id)
    wait_for(lambda: not mine.filter(state__in=ON_ITS_WAY).exists(), picture(mine))


def clear(day: Day) -> None:
    """Everything that works is cancelled, and the desk may trade again."""
    stopping = kill(
        "global", "", level=Stop.HALTED, flatten=False, actor=SYSTEM, reason="measured", now=clock.now()
    )
    mine = Stopping.objects.filter(pk=stopping.pk, state=Stopping.ENDED)
    wait_for(mine.exists, "every cancel answered", 180)
    set_stop(Stop.ACTIVE, actor=SYSTEM, reason="measured")
    wait_for(day.is_ready, "a link that is ready again", 60)


class Screen(threading.Thread):
    """One open page's socket: when it was told of each change of the review topic."""

    def __init__(self, wire: ClientConnection) -> None:
        super().__init__(daemon=True)
        self.wire = wire
        self.told: list[float] = []

    def run(self) -> None:
        try:
            for text in self.wire:
                said = json.loads(text)
                if said["type"] == "hint" and "review" in said["versions"]:
                    self.told.append(time.time())
        except ConnectionClosed:
            return


def tell_screens(day: Day, prices: Prices, address: str) -> Figure:
    """So many screens watch one countdown; it is cancelled, and each of them has to know."""
    with walking():
        alone = told_after(day, prices, address, screens=1)
        many = told_after(day, prices, address, screens=SCREENS)
    return figure(
        f"CANCEL pressed → {SCREENS} screens told",
        many,
        beside="one screen told",
        baseline=alone,
        aim="p99 ≤ 1 s",
    )


def told_after(day: Day, prices: Prices, address: str, *, screens: int) -> list[float]:
    url, headers = f"{address.replace('http', 'ws', 1)}/feed/", {"Cookie": cookie()}
    passed: list[float] = []
    with ExitStack() as stack:
        wires = (connect(url, origin=Origin(address), additional_headers=headers) for _ in range(screens))
        opened = [Screen(stack.enter_context(wire)) for wire in wires]
        for one in opened:
            one.start()
        for symbol, price in islice(prices.items(), TELLINGS):
            window = counting(day, {symbol: price})
            time.sleep(SOON)  # what the proposal itself had to tell is over by then
            began = time.time()
            time_cancel(window)
            wait_for(lambda began=began: len(_first_after(opened, began)) == screens, "every screen told", 20)  # type: ignore[misc]
            passed += [at - began for at in _first_after(opened, began)]
    return passed


def _first_after(opened: Sequence[Screen], began: float) -> list[float]:
    firsts = (next((at for at in list(one.told) if at >= began), None) for one in opened)
    return [at for at in firsts if at is not None]
