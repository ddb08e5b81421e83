"""Over the real socket: from the click to the wire, from a fill to its row, from a kill to ready."""

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
from django.db import connection
from django.db.models import QuerySet

from apps.broker.models import LinkState
from apps.broker.queries import link_states
from apps.journal.models import Entry
from apps.ledger.models import Fill
from apps.runbook.bench.day import Day, execute, wait_for
from apps.runbook.bench.figures import Figure, figure
from apps.runbook.bench.rig import manage
from apps.tickets.models import Ticket

PAUSE = 2.5  # so that the pace of one round never holds back the next
LINK_ENDS_WITHIN = 30.0


class LinkProcess:
    """The broker link as the desk runs it."""

    def __init__(self, log: Path) -> None:
        self.log = log
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                manage("run_broker_link"), stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT
            )

    def end(self, number: int = signal.SIGTERM) -> None:
        if self.process is None:
            return
        os.kill(self.process.pid, number)
        try:
            self.process.wait(LINK_ENDS_WITHIN)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process = None


class Ear(threading.Thread):
    """Hears each journal line at the moment of its commit."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.heard: dict[int, float] = {}
        self._done = threading.Event()
        self._parameters = connection.get_connection_params()
        for name in ("cursor_factory", "context", "prepare_threshold"):
            self._parameters.pop(name, None)

    def run(self) -> None:
        with psycopg.connect(**self._parameters, autocommit=True) as ear:
            ear.execute("LISTEN journal")
            while not self._done.is_set():
                for notice in ear.notifies(timeout=0.2):
                    self.heard[int(notice.payload.split(" ")[0])] = time.time()

    def end(self) -> None:
        self._done.set()
        self.join(5)


def play_rounds(day: Day, prices: dict[str, Decimal]) -> tuple[dict[str, float], dict[int, float]]:
    """One symbol a round: approved, sent, and then filled by moving the market to it."""
    clicks: dict[str, float] = {}
    ear = Ear()
    ear.start()
    for symbol, price in prices.items():
        plan, clicked = play_round(day, symbol, price)
        clicks[f"{plan}-"] = clicked
    time.sleep(0.5)
    ear.end()
    return clicks, ear.heard


def play_round(day: Day, symbol: str, price: Decimal) -> tuple[int, float]:
    """The plan, and when it was approved."""
    request = day.propose({symbol: price})
    time.sleep(PAUSE)
    clicked = time.time()
    execute(request)
    mine = Ticket.objects.filter(request=request)
    wait_for(all_in("WORKING", mine), picture(mine))
    bid, ask = str(price - Decimal("0.02")), str(price)
    day.turn("quote", symbol=symbol, bid=bid, ask=ask, bid_size=5000, ask_size=5000)
    entries = mine.filter(role="entry")
    wait_for(all_in("FILLED", entries), picture(entries))
    return request.plan_id, clicked


def all_in(state: str, rows: "QuerySet[Ticket]") -> Callable[[], bool]:
    return lambda: not rows.exclude(state=state).exists()


def picture(rows: "QuerySet[Ticket]") -> Callable[[], str]:
    """What a round that does not come to its end needs to be understood."""

    def told() -> str:
        states = list(rows.values_list("key", "state", "reason_code"))
        return f"the end of a round: {states}, link {link_states()}"

    return told


def click_to_wire(day: Day, clicks: dict[str, float], bare: dict[str, Any]) -> Figure:
    arrived: dict[str, float] = {}
    for row in day.records("in"):
        if row["fields"][:1] == ["3"]:
            for text in row["fields"]:
                if text.startswith(("td-", "bare-")):
                    arrived.setdefault(text, row["wall"] / 1e6)
    ours = []
    for plan, clicked in list(clicks.items())[1:]:  # the first one warms up
        mine = [at for ref, at in arrived.items() if ref.startswith(f"td-desk-{plan}")]
        ours.append(min(mine) - clicked)
    theirs = [arrived[ref] - began for ref, began in bare["placed"].items() if ref in arrived]
    return figure(
        "EXECUTE pressed → bytes at the gateway",
        ours,
        beside="bare ib_insync placeOrder → bytes",
        baseline=theirs,
        aim="≤ 50 ms, p99 ≤ 300 ms",
    )


def fill_to_row(day: Day, heard: dict[int, float], bare: dict[str, Any]) -> Figure:
    traded = {row["exec_id"]: row["wall"] / 1e6 for row in day.records("execution")}
    fills = dict(Fill.objects.values_list("pk", "exec_id"))
    booked = Entry.objects.filter(verb="book_fill").values_list("sequence", "subject_id")
    ours = [
        heard[sequence] - traded[fills[int(pk)]]
        for sequence, pk in booked
        if sequence in heard and fills.get(int(pk)) in traded
    ]
    theirs = [at - traded[exec_id] for exec_id, at in bare["heard"].items() if exec_id in traded]
    return figure(
        "fill at the broker → row committed",
        ours,
        beside="bare ib_insync hears the execution",
        baseline=theirs,
        aim="p99 ≤ 100 ms",
    )


def restart_to_ready(day: Day, link: LinkProcess, connects: Sequence[float], times: int = 3) -> Figure:
    """Ended as a stop of the desk ends it, with every order of the rounds and of the baseline still open."""
    passed = []
    for _ in range(times):
        link.end()
        LinkState.objects.update(state="down")
        began = time.perf_counter()
        link.start()
        wait_for(day.is_ready, "a link that is ready again", 180)
        passed.append(time.perf_counter() - began)
    return figure(
        "link started → ready, over 200 open orders",
        passed,
        beside="bare ib_insync connects, reads all orders",
        baseline=connects,
        aim="≤ 10 s",
    )
