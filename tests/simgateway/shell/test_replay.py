"""A recorded day, played again."""

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from apps.simgateway.assembly import Setup, build_machine
from apps.simgateway.clock import read_instant
from apps.simgateway.record import Ledger, Line, read_ledger
from apps.simgateway.replay import replay
from tests.gateway import ROOT
from tests.simgateway.scripts.runner import run_lines

DAY = (ROOT / "tests/simgateway/scripts/day_of_a_bracket_a_combo_and_a_close.txt").read_text(encoding="utf-8")


START = read_instant("2026-11-20T15:35 US/Eastern")


def record(path: Path, lines: str, **setup: object) -> list[Line]:
    ledger = Ledger(path)
    machine = build_machine(Setup(start=START, **setup), ledger)
    run_lines(lines.strip().splitlines(), machine)
    ledger.close()
    return list(read_ledger(path))


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> list[Line]:
    return record(tmp_path_factory.mktemp("day") / "day.jsonl", DAY, seed=11)


def test_a_day_with_a_bracket_a_combo_and_an_moc_plays_again_bit_for_bit(day: list[Line]):
    names = {line.get("name") for line in day if line["kind"] == "out"}
    assert {"openOrder", "execDetails", "commissionReport", "tickPrice", "completedOrder"} <= names
    outcome = replay(day)
    assert outcome.difference == ""
    assert outcome.outputs == sum(line["kind"] in ("out", "hangup", "stall") for line in day) > 500


def test_another_seed_is_another_day(day: list[Line]):
    assert replay([day[0] | {"seed": 12}, *day[1:]]).difference != ""


@pytest.mark.parametrize(("kind", "name"), [("out", "orderStatus"), ("in", "placeOrder")])
def test_a_changed_record_is_noticed(kind: str, name: str, day: list[Line]):
    place = next(n for n, line in enumerate(day) if line["kind"] == kind and line["name"] == name)
    fields = [*day[place]["fields"]]
    fields[1] = "77"
    changed = [*day[:place], day[place] | {"fields": fields}, *day[place + 1 :]]
    assert replay(changed).difference != ""


def test_a_run_that_began_with_a_state_can_be_played_too(tmp_path: Path):
    ledger = Ledger()
    machine = build_machine(Setup(start=START), ledger)
    run_lines(["A connects as client 1", "A places 7: BUY 1 MSFT LMT 150.00 tif=GTC"], machine)
    state = machine.gateway.dump()
    lines = record(tmp_path / "next.jsonl", "A connects as client 1\nA is told nextValidId id=8", state=state)
    assert replay(lines).difference == ""


def test_what_is_no_ledger_is_refused():
    with pytest.raises(ValueError, match="does not begin with the start"):
        replay([{"n": 1, "at": 1, "kind": "open", "conn": 1}])


BOOK = {
    "accounts": [
        {
            "name": "DU7000007",
            "cash": {"USD": 500},
            "positions": [{"symbol": "MSFT", "quantity": 3, "average_cost": 400}],
        }
    ]
}


def test_a_run_with_accounts_of_its_own_tells_them_and_can_be_played_again(tmp_path: Path):
    lines = record(tmp_path / "own.jsonl", "A connects as client 1\nA sends reqPositions", book=BOOK)
    told = [line["fields"] for line in lines if line["kind"] == "out" and line["name"] == "position"]
    assert [(row[2], row[4]) for row in told] == [("DU7000007", "MSFT")]
    assert replay(lines).difference == ""


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "the file is missing"),
        ("accounts: [", "not valid YAML"),
        ("accounts: [{name: U1}]", "name must begin with DU"),
        ("accounts: [{name: DU1, positions: [{symbol: NONE, quantity: 1}]}]", "NONE"),
    ],
)
def test_accounts_that_cannot_be_read_are_refused_by_place(text: str | None, said: str, tmp_path: Path):
    book = tmp_path / "book.yaml"
    if text is not None:
        book.write_text(text)
    with pytest.raises(CommandError, match=said):
        call_command("run_sim_gateway", book=book, port=0)
