"""The whole host loses its power while orders go out: everything dies at once, and is started again."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.apps.runbook.test_desk_runs import ports, processes_of
from tests.conftest import Run
from tests.database import ROOT, environment_of
from tests.road.desk import eventually

__all__ = ["ports"]
pytestmark = pytest.mark.deep

UP = "Ctrl-C stops"
RECOVERED_WITHIN = 60.0  # seconds from the second start to a link that is ready
# In a process of the desk: EXECUTE on the cards that wait, as their page would.
EXECUTE = """
from apps.approvals.queries import waiting
from apps.journal import clock
from apps.journal.ports import Actor
from apps.operators.ports import NEWCOMER
from apps.runbook.gate import Word, approve_request
for row in waiting():
    word = Word(typed=f"EXECUTE {row.challenge}", digest=row.digest, row_version=row.row_version)
    who = Actor("user", NEWCOMER)
    print("approved", approve_request(row.pk, word, actor=who, how={}, now=clock.now()).approved)
"""
# What a person would look for after it: is the link ready, is anything impossible there, what is unclear.
LOOK = """
import json
from apps.broker.queries import link_view, unknown_intents
from apps.desks.models import Gateway
from apps.journal import clock
from apps.journal.queries import verify
from apps.runbook.invariants import broken_invariants
from apps.tickets.models import Ticket
now, gateway = clock.now(), Gateway.objects.get()
print("LOOK " + json.dumps({
    "ready": link_view(gateway.pk, now).ready, "broken": [str(one) for one in broken_invariants(now)],
    "journal": str(verify().finding or ""), "unknown": sorted(one.order_ref for one in unknown_intents()),
    "tickets": dict(Ticket.objects.values_list("key", "state")),
}))
"""


def of_home(home: Path) -> list[psutil.Process]:
    """Every process that was told of that home or works in it, with whatever it started itself."""
    found: dict[int, psutil.Process] = {}
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            told = process.environ().get("TRADINGDESK_HOME") == str(home)
            if told or f"{home}/pg" in " ".join(process.cmdline()):
                found |= {one.pid: one for one in (process, *process.children(recursive=True))}
    found.pop(os.getpid(), None)
    return list(found.values())


def cut_power(home: Path, known: list[psutil.Process] | None = None) -> int:
    """SIGKILL to all of them in one go, PostgreSQL and the simulated broker among them."""
    first = known or []  # whoever was looked up before dies within a millisecond
    _kill(first)
    _kill(left := of_home(home))
    return len({one.pid for one in (*first, *left)})


def _kill(found: list[psutil.Process]) -> None:
    for number in (signal.SIGSTOP, signal.SIGKILL):  # none of them sees another one die
        for process in found:
            with contextlib.suppress(psutil.Error):
                process.send_signal(number)
    psutil.wait_procs(found, 20)


@pytest.fixture
def words(own_home: Path, ports: dict[str, str]) -> Iterator[dict[str, str]]:
    yield {
        **environment_of(own_home), **ports, "TRADINGDESK_ENV_FILE": "", "TRADINGDESK_MODE": "sim",
    }  # fmt: skip
    cut_power(own_home)


@contextlib.contextmanager
def started(environment: dict[str, str], log: Path) -> "Iterator[subprocess.Popen[bytes]]":
    """A demo that says it is up."""
    with log.open("wb") as file:
        running = subprocess.Popen(
            [sys.executable, str(ROOT / "manage.py"), "demo"],
            env=environment, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=file, stderr=subprocess.STDOUT,
        )  # fmt: skip
    eventually(lambda: UP in log.read_text() or running.poll() is not None, f"up: {log.read_text()}", 240)
    assert running.poll() is None, log.read_text()
    yield running
    running.wait(90)


def placements(home: Path) -> list[str]:
    """The references of all orders that reached the broker, as often as each did."""
    ledger = home / "simgateway" / "state" / "ledger.jsonl"
    lines = ledger.read_text().splitlines(keepends=True)
    rows = [json.loads(line) for line in lines if '"name":"placeOrder"' in line and line.endswith("\n")]
    return [word for row in rows for word in row["fields"] if word.startswith("td-desk-")]


def kept_by_broker(home: Path) -> str:
    return (home / "simgateway" / "state" / "gateway.json").read_text()


def ready_after(home: Path, began: float) -> float | None:
    """Seconds from a moment until the link wrote that it is ready."""
    log = home / "log" / "link.log"
    lines = log.read_text().splitlines() if log.exists() else []
    told = [json.loads(line) for line in lines if line.startswith("{") and line.endswith("}")]
    moments = [datetime.fromisoformat(one["at"]).timestamp() for one in told if one.get("event") == "ready"]
    return next((at - began for at in moments if at > began), None)


def settled(seen: dict[str, Any]) -> dict[str, Any]:
    on_their_way = {"RELEASED", "CLAIMED", "SENDING"} & set(seen.get("tickets", {}).values())
    return seen if seen.get("ready") and not on_their_way else {}


def test_a12_a_host_that_loses_its_power_among_orders_sends_none_twice_and_knows_what_is_unclear(
    words: dict[str, str], own_home: Path, ports: dict[str, str], manage: Run, tmp_path: Path
) -> None:
    def ask(script: str) -> str:
        return manage("shell", "-c", script, timeout=120, **ports, TRADINGDESK_MODE="sim").stdout

    def look() -> dict[str, Any]:
        told = [line for line in ask(LOOK).splitlines() if line.startswith("LOOK ")]
        return json.loads(told[0].removeprefix("LOOK ")) if told else {}

    def darkness(number: int, orders: int) -> None:
        """Up, until so many more orders have come to the broker."""
        began = time.time()
        with started(words, tmp_path / f"{number}.log"):
            eventually(lambda: ready_after(own_home, began), "a link that is ready", 60)
            if number == 0:
                eventually(lambda: "approved True" in ask(EXECUTE), "an approved plan", 120)
            known, earlier = of_home(own_home), len(placements(own_home))
            eventually(lambda: len(placements(own_home)) >= earlier + orders, "orders on their way", 60)
            dead = cut_power(own_home, known)
        assert dead >= 5 and processes_of(own_home) == []
        came, kept = placements(own_home), kept_by_broker(own_home)
        lost = [ref for ref in came if f'"{ref}"' not in kept]
        print(f"{dead} processes killed after {len(came)} orders; the simulated broker itself forgot {lost}")

    darkness(0, 1)
    darkness(1, 4)
    before, began = placements(own_home), time.time()
    with started(words, tmp_path / "last.log") as again:
        took = eventually(lambda: ready_after(own_home, began), "a link that is ready again", 120)
        seen = eventually(lambda: settled(look()), "a ready link with nothing on its way", 120)
        sent = Counter(placements(own_home))
        print(f"ready again after {took:.1f} s; {len(before)} orders before, {len(sent)} in the end")
        print(f"unknown, and listed: {seen['unknown']}; {Counter(seen['tickets'].values())}")
        again.send_signal(signal.SIGINT)
    assert seen["broken"] == [] and seen["journal"] == ""
    assert set(before) <= set(sent) and max(sent.values()) == 1
    unclear = {key for key, state in seen["tickets"].items() if state == "UNKNOWN"}
    assert unclear == {ref.removeprefix("td-desk-").rpartition("-")[0] for ref in seen["unknown"]}
    assert took < RECOVERED_WITHIN
    assert processes_of(own_home) == []
