"""The scenarios that come with the gateway."""

import pytest

from apps.simgateway.assembly import Setup, build_machine
from apps.simgateway.clock import read_instant
from apps.simgateway.exchange.instant import MINUTE
from apps.simgateway.phrases import Turn, read_scenario
from apps.simgateway.record import Ledger
from apps.simgateway.running import SCENARIOS

START = read_instant("2026-11-20T10:00 US/Eastern")
FILES = sorted(SCENARIOS.glob("*.txt"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_turn_of_a_scenario_is_taken_at_its_time(path):
    ledger = Ledger()
    machine = build_machine(Setup(start=START), ledger)
    timed = list(read_scenario(path))
    for one in timed:
        machine.plan(START + one.after, one.turn)
    machine.advance(START + 20 * MINUTE)
    taken = ledger.latest(1_000, kind="control")
    assert [line["at"] - START for line in taken] == [one.after for one in timed]
    assert ledger.latest(10, kind="turn_refused") == []


def test_a_turn_that_is_refused_is_written_down_and_the_day_goes_on():
    ledger = Ledger()
    machine = build_machine(Setup(start=START), ledger)
    machine.plan(START + MINUTE, Turn("explode", {}))
    machine.plan(START + 2 * MINUTE, Turn("link", {"code": "1100"}))
    machine.advance(START + 3 * MINUTE)
    assert "does not know" in ledger.latest(10, kind="turn_refused")[0]["reason"]
    assert not machine.gateway.link_up
