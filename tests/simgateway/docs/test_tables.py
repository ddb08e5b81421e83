"""docs/simulator.md beside the code: every fault, switch, verb, option, scenario; and every example works."""

import asyncio
import dataclasses
import re
from pathlib import Path
from typing import Any

import pytest

from apps.simgateway.assembly import Setup, build_machine, read_switches
from apps.simgateway.clock import read_instant
from apps.simgateway.gateway.dispatch import CONTROLS
from apps.simgateway.gateway.faults.kinds import KINDS
from apps.simgateway.gateway.switches import Switches
from apps.simgateway.machine import Machine
from apps.simgateway.management.commands import run_sim_gateway
from apps.simgateway.phrases import Turn, read_turn
from apps.simgateway.readings import READINGS
from apps.simgateway.running import SCENARIOS, Options, Run
from tests.gateway import ROOT
from tests.simgateway.docs.page import PAGE, blocks, code, rows
from tests.simgateway.scripts.runner import run_lines

START = read_instant("2026-11-20T10:00 US/Eastern")
FAULTS = {code(row[0]): row for row in rows("fault")}
SWITCHES = {code(row[0]): row for row in rows("switch")}
VERBS = {code(row[0]): row for row in rows("verb")}
SETTING = """
quote MSFT bid=400.00 ask=400.02
quote VXX bid=33.50 ask=33.52
A connects as client 1
A places 1: BUY 100 MSFT LMT 399.00 ref=T-1
A places 2: SELL 10 VXX MKT ref=T-2
A sends reqPositions
fill T-1 shares=40 price=398.00
"""


def in_the_middle_of_a_day() -> Machine:
    """A client, an order that is partly filled, and one that waits for shares."""
    machine = build_machine(Setup(start=START))
    run_lines(SETTING.strip().splitlines(), machine)
    return machine


async def turned_while_running(turn: Turn) -> dict[str, Any]:
    return Run(Options(start=START)).turn(turn.verb, turn.args)


def test_every_fault_has_its_row_and_no_other_has_one() -> None:
    told = {name: (row[1], code(row[2])) for name, row in FAULTS.items()}
    assert told == {kind.name: (kind.says, kind.example) for kind in KINDS.values()}


@pytest.mark.parametrize("name", KINDS)
def test_the_example_of_a_fault_turns_it_on(name: str) -> None:
    machine = in_the_middle_of_a_day()
    turn = read_turn(code(FAULTS[name][2]))
    assert machine.control(turn.verb, turn.args, START)["kind"] == name
    assert [row["kind"] for row in machine.gateway.faults.rows()] == [name]


def test_every_switch_has_its_row_and_its_default() -> None:
    told = {name: code(row[1]) for name, row in SWITCHES.items()}
    plain = {True: "yes", False: "no"}
    fields = dataclasses.fields(Switches)
    assert told == {
        field.name: plain[field.default] if isinstance(field.default, bool) else str(field.default)
        for field in fields
    }


@pytest.mark.parametrize("name", [field.name for field in dataclasses.fields(Switches)])
def test_the_example_of_a_switch_turns_it_to_something_else(name: str) -> None:
    option, _, value = code(SWITCHES[name][3]).removeprefix("--switch ").partition("=")
    assert option == name
    turned = Switches().with_changes(read_switches({name: value}))
    assert getattr(turned, name) != getattr(Switches(), name)


def test_every_verb_of_the_door_has_its_row() -> None:
    assert set(VERBS) == {*CONTROLS, *READINGS, "clock", "scenario"}


@pytest.mark.parametrize("name", VERBS)
def test_the_example_of_a_verb_is_taken(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (csv,) = blocks("csv")
    Path("quotes.csv").write_text(csv, encoding="utf-8")
    turn = read_turn(code(VERBS[name][2]))
    assert turn.verb == name
    if name in ("clock", "scenario"):
        answer = asyncio.run(turned_while_running(turn))
    elif name in READINGS:
        answer = READINGS[name](in_the_middle_of_a_day(), turn.args)
    else:
        answer = in_the_middle_of_a_day().control(turn.verb, turn.args, START)
    assert answer


def test_every_option_has_its_row() -> None:
    told = {code(row[0]) for row in rows("option")}
    assert told == {"--switch", *(f"--{name}" for name in run_sim_gateway._OPTIONS)}


def test_every_scenario_has_its_row() -> None:
    assert {code(row[0]) for row in rows("name")} == {path.stem for path in SCENARIOS.glob("*.txt")}


def test_the_script_of_the_page_holds() -> None:
    (script,) = blocks("script")
    run_lines(script.splitlines())


def test_every_file_that_is_named_exists() -> None:
    named = re.findall(r"`((?:apps|tests|docs)/[\w./*-]+)`", PAGE)
    linked = [place.removeprefix("../") for place in re.findall(r"\]\(([^)#:]+)\)", PAGE)]
    assert len(named) > 3
    assert [
        place for place in named + linked if not list(ROOT.glob(place)) and not (ROOT / place).exists()
    ] == []
