"""The whole host loses its power while orders go out: everything dies at once, and is started again."""

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.apps.runbook.test_desk_runs import ports, processes_of, read_until
from tests.conftest import Run
from tests.database import ROOT, environment_of
from tests.road.desk import eventually

__all__ = ["ports"]
pytestmark = pytest.mark.deep

UP = "Ctrl-C stops"
# In a process of the desk: EXECUTE on the card that waits, as its page would.
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
from apps.ledger.models import Fill
from apps.runbook.invariants import broken_invariants
from apps.tickets.models import Ticket
now, gateway = clock.now(), Gateway.objects.get()
print("LOOK " + json.dumps({
    "ready": link_view(gateway.pk, now).ready, "broken": [str(one) for one in broken_invariants(now)],
    "journal": str(verify().finding or ""), "unknown": sorted(one.order_ref for one in unknown_intents()),
    "tickets": dict(Ticket.objects.values_list("key", "state")),
    "fills": sorted(Fill.objects.filter(superseded=False).values_list("exec_id", flat=True)),
}))
"""


def cut_power(home: Path) -> int:
    """SIGKILL to every process of that home in one go, PostgreSQL and the simulated broker among them."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            told = process.environ().get("TRADINGDESK_HOME") == str(home)
            if (told or f"{home}/pg" in " ".join(process.cmdline())) and process.pid != os.getpid():
                found.append(process)
    for process in found:
        with contextlib.suppress(psutil.Error):
            process.send_signal(signal.SIGKILL)
    psutil.wait_procs(found, 20)
    return len(found)


@pytest.fixture
def words(own_home: Path, ports: dict[str, str]) -> Iterator[dict[str, str]]:
    yield {
        **environment_of(own_home), **ports, "TRADINGDESK_ENV_FILE": "", "TRADINGDESK_MODE": "sim",
    }  # fmt: skip
    cut_power(own_home)


def started(environment: dict[str, str]) -> "subprocess.Popen[str]":
    running = subprocess.Popen(
        [sys.executable, str(ROOT / "manage.py"), "demo"],
        env=environment, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    read_until(running, UP, 400)
    return running


def placements(home: Path) -> list[str]:
    """The references of all orders that reached the broker, as often as each did."""
    ledger = home / "simgateway" / "state" / "ledger.jsonl"
    rows = [json.loads(line) for line in ledger.read_text().splitlines() if '"name":"placeOrder"' in line]
    return [word for row in rows for word in row["fields"] if word.startswith("td-desk-")]


def test_a12_a_host_that_loses_its_power_among_orders_sends_none_twice_and_knows_what_is_unclear(
    words: dict[str, str], own_home: Path, ports: dict[str, str], manage: Run
) -> None:
    def ask(script: str) -> str:
        return manage("shell", "-c", script, timeout=120, **ports, TRADINGDESK_MODE="sim").stdout

    def look() -> dict[str, object]:
        told = [line for line in ask(LOOK).splitlines() if line.startswith("LOOK ")]
        return json.loads(told[0].removeprefix("LOOK ")) if told else {}

    with started(words):
        eventually(lambda: "approved True" in ask(EXECUTE), "an approved plan", 240)
        eventually(lambda: len(placements(own_home)) >= 4, "orders on their way", 60)
        assert cut_power(own_home) >= 5
    before = placements(own_home)
    assert processes_of(own_home) == []

    with started(words) as again:
        seen = eventually(lambda: (now := look()).get("ready") and now, "a link that is ready again", 240)
        assert seen["broken"] == [] and seen["journal"] == ""
        sent = Counter(placements(own_home))
        assert set(before) <= set(sent) and max(sent.values()) == 1
        states = set(seen["tickets"].values())
        assert not states & {"CLAIMED", "SENDING"}
        again.send_signal(signal.SIGINT)
        again.communicate(timeout=90)
    assert processes_of(own_home) == []
