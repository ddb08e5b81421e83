"""The stop over the real wire: the gateway's ledger says what left, what was cancelled, and when."""

import os
import signal
import subprocess
import sys
import time
from typing import Any

import pytest
from django.test import Client

from apps.alerts.links import sign
from apps.broker.models import Intent
from apps.journal import clock
from apps.ledger.models import Position
from apps.risk.models import StoppedOrder, Stopping
from apps.runbook.stopping import kill
from apps.tickets.models import Ticket
from tests.database import ROOT
from tests.faults.harness import Stage
from tests.stations import TRADER

NAMES = ("WEC", "ATO", "PNW", "OHI", "AEE", "NI", "KO", "DUK", "NEE")
CANCEL = "4"
ENDED = {"Cancelled", "Filled"}


def work(stage: Stage, *symbols: str) -> None:
    """Six orders a symbol, all of them working at the gateway."""
    stage.symbols = symbols
    stage.rest()
    stage.ready()
    stage.approve(*symbols)
    stage.eventually(lambda: set(stage.states().values()) == {"WORKING"}, "all of it working", 90)


def stop(**changes: Any) -> Stopping:
    asked: dict[str, Any] = {
        "level": "HALTED", "flatten": False, "actor": TRADER, "reason": "drill", "now": clock.now(),
    }  # fmt: skip
    return kill("global", "", **(asked | changes))


def arrived(stage: Stage, kind: str, since: float) -> list[float]:
    """Seconds after a moment at which messages of a kind came to the gateway."""
    rows = stage.gateway.records("in")
    times = [row["wall"] / 1e6 - since for row in rows if row["fields"][:1] == [kind]]
    return [one for one in times if one > 0]


def results(stopping: Stopping) -> list[str]:
    return sorted(StoppedOrder.objects.filter(stopping=stopping).values_list("result", flat=True))


def ended(stage: Stage) -> bool:
    return all(row["status"] in ENDED for rows in stage.at_broker().values() for row in rows)


def from_terminal(stage: Stage, *words: str, **extra: str) -> "subprocess.CompletedProcess[str]":
    gateway = ["--host", "127.0.0.1", "--port", str(stage.gateway.port)]
    return subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), "stop", *gateway, *words],
        env={**stage.link.environment, **extra},
        capture_output=True,
        text=True,
        timeout=60,
        stdin=subprocess.DEVNULL,
    )


def test_fifty_working_orders_are_cancelled_from_the_page_and_each_is_confirmed(stage: Stage) -> None:
    work(stage, *NAMES)
    began = time.time()
    stopping = stop()
    committed = time.time()
    stage.eventually(lambda: Stopping.objects.get().state == "ended", "every cancel confirmed", 20)
    assert set(results(stopping)) == {"confirmed"} and len(results(stopping)) == 54
    assert ended(stage)
    assert not Intent.objects.filter(sending_at__gt=stopping.asked_at).exists()
    cancels = arrived(stage, CANCEL, began)
    print(f"kill {committed - began:.2f} s, first cancel {min(cancels):.2f}, last {max(cancels):.2f}")


@pytest.mark.deep
def test_fifty_working_orders_are_cancelled_by_the_link_of_an_alert(stage: Stage, client: Client) -> None:
    """From any phone, without a login: the page shows by GET, the press stops, and works once."""
    work(stage, *NAMES)
    path = f"/stop/{sign('kill')}/"
    assert client.get(path).status_code == 200 and not Stopping.objects.exists()
    began = time.time()
    assert client.post(path).status_code == 200
    stopping = Stopping.objects.get()
    stage.eventually(lambda: Stopping.objects.get().state == "ended", "every cancel confirmed", 20)
    assert set(results(stopping)) == {"confirmed"} and len(results(stopping)) == 54
    assert ended(stage) and stopping.by == "stop link"
    assert not Intent.objects.filter(sending_at__gt=stopping.asked_at).exists()
    assert client.post(path).status_code == 410
    print(f"last cancel {max(arrived(stage, CANCEL, began)):.2f} s after the press")


@pytest.mark.parametrize("symbols", [NAMES[:2], pytest.param(NAMES, marks=pytest.mark.deep)], ids=len)
def test_a_stop_from_a_terminal_with_everything_dead_cancels_from_the_links_own_seat(
    stage: Stage, symbols: tuple[str, ...]
) -> None:
    work(stage, *symbols)
    orders = 6 * len(symbols)
    stage.link.kill()
    dead = {"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nothing"}
    said = from_terminal(stage, **dead)
    assert said.returncode == 0, said.stdout + said.stderr
    assert "STOP NOT WRITTEN" in said.stderr and f"{orders} of {orders} orders gone" in said.stdout
    assert said.stdout.count("CONFIRMED") == orders and ended(stage)
    stage.ready()  # what happened meanwhile is read back as it was
    stage.eventually(lambda: set(stage.states().values()) == {"CANCELLED"}, "the record saying so")


@pytest.mark.deep
def test_a_terminals_stop_with_a_living_link_writes_the_stop_and_the_link_cancels(stage: Stage) -> None:
    work(stage, "WEC")
    stage.turn("manual", symbol="KO", side="BUY", shares=10, type="LMT", price=50)
    said = from_terminal(stage)
    assert said.returncode == 2, said.stdout + said.stderr
    assert "STOPPED      everything: HALTED" in said.stdout
    assert "6 of 7 orders gone" in said.stdout and "of the workstation: only it can cancel" in said.stdout
    assert from_terminal(stage, "--global-cancel").returncode == 0


@pytest.mark.deep
def test_a_link_that_was_blocked_sends_nothing_when_it_wakes(stage: Stage) -> None:
    """B14: the link's process stands still, the operator stops from a terminal, the link wakes."""
    stage.symbols = ("WEC", "ATO")
    stage.rest()
    stage.ready()
    request = stage.propose("WEC", "ATO")
    assert stage.link.process is not None
    os.kill(stage.link.process.pid, signal.SIGSTOP)
    try:
        stage.execute(request)
        said = from_terminal(stage)
        assert "STOPPED" in said.stdout, said.stderr
    finally:
        os.kill(stage.link.process.pid, signal.SIGCONT)
    stage.settle(6)
    sent = [row for row in stage.gateway.placements() if any(text.startswith("td-") for text in row)]
    assert sent == []  # what-if questions of the proposal are no orders
    assert set(stage.states().values()) == {"WITHDRAWN"}


def test_a_stop_while_twenty_tickets_are_on_their_way_lists_each_of_them(stage: Stage) -> None:
    """D7."""
    symbols = ("WEC", "ATO", "PNW", "OHI")
    stage.symbols = symbols
    stage.rest()
    stage.ready()
    stage.approve(*symbols)
    stage.eventually(
        lambda: Intent.objects.filter(sending_at__isnull=False).count() >= 3, "the first leaving"
    )
    stopping = stop()
    committed = clock.now()
    stage.eventually(lambda: Stopping.objects.get().state == "ended", "the end of the stop", 30)
    # how soon the bytes are there is measured by the bench; what decides: no last look came after it
    assert not Intent.objects.filter(sending_at__gt=committed).exists()
    sent = [row for row in stage.gateway.placements() if any(text.startswith("td-") for text in row)]
    assert 3 <= len(sent) <= Intent.objects.filter(sending_at__isnull=False).count()
    assert set(stage.states().values()) <= {"WITHDRAWN", "CANCELLED"}
    listed = set(StoppedOrder.objects.filter(stopping=stopping).values_list("ticket_key", flat=True))
    assert listed == set(Ticket.objects.values_list("key", flat=True)) and len(listed) == 24
    assert ended(stage)


def test_a_process_that_dies_between_the_stop_and_its_cancels_leaves_them_to_the_next(stage: Stage) -> None:
    """A10."""
    work(stage, "WEC")
    stage.link.kill()
    died = from_terminal(stage, TD_CRASH="after_stop")
    assert died.returncode == -signal.SIGKILL
    assert Stopping.objects.get().state == "blocked"
    stage.ready()
    stage.eventually(lambda: Stopping.objects.get().state == "ended", "the cancels finished", 20)
    assert set(results(Stopping.objects.get())) == {"confirmed"} and ended(stage)


def test_flatten_closes_what_the_broker_counts_and_says_flat_on_the_brokers_word(stage: Stage) -> None:
    work(stage, "WEC")
    stage.reach()
    entries = Ticket.objects.filter(role="entry")
    stage.eventually(lambda: set(entries.values_list("state", flat=True)) == {"FILLED"}, "a position")
    stopping = stop(flatten=True)
    stage.eventually(lambda: Stopping.objects.get().state == "ended", "the end of the stop", 90)
    stopping.refresh_from_db()
    assert stopping.flat_at is not None, f"{stopping.note}\n{stage.picture()}"
    closes = Ticket.objects.filter(role="close")
    # on a machine that is too busy to send one within its half minute, the next round closes the same anew
    assert {one.state for one in closes} - {"EXPIRED"} == {"FILLED"}, stage.picture()
    sold = closes.filter(contract__symbol="WEC", state="FILLED")
    assert [(one.side, one.filled) for one in sold] == [("SELL", 30)], stage.picture()
    assert set(Position.objects.values_list("broker_quantity", flat=True)) == {0}
