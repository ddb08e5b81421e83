"""One trading day from a terminal: its file, what is told of it, and what was left undone."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.test import override_settings

from apps.desks.models import Account, Gateway, Phase, Strategy
from apps.journal import clock
from apps.journal.models import Entry
from apps.runbook import oneday
from apps.runbook.actions.move_step import Ended, end_step, miss_steps
from apps.runbook.dayfile import DayFileRefused, read_day_file
from apps.runbook.models import DayStep
from apps.runbook.oneday import Teller, closed_line, day_is_over, left_undone
from apps.runbook.situation import session_of_day
from apps.runbook.timetable import keep_timetable, strategy_steps
from apps.tickets.models import Ticket
from tests.apps.runbook.test_timetable import WEDNESDAY, account, at, standing_at
from tests.stations import Stations
from tradingdesk.domain.market.timetable import Outcome

__all__ = ["account"]

GOOD = """
[gateway]
host = "127.0.0.1"
port = 4002

[account]
code = "DU7654321"
title = "Paper"

[strategy]
name = "bracket-day"
moc_minutes = 8
propose_again = true
"""


def day_file(folder: Path, text: str = GOOD) -> Path:
    path = folder / "day.toml"
    path.write_text(text)
    return path


def test_a_good_file_is_read_and_what_it_leaves_out_has_its_usual_value(tmp_path: Path) -> None:
    told = read_day_file(day_file(tmp_path), mode="paper")
    assert told.gateway == {"name": "paper", "client_id": 11, "host": "127.0.0.1", "port": 4002}
    assert told.strategy["moc_minutes"] == 8 and told.intake == ""


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (GOOD.replace("port = 4002", "port = 99999"), "[gateway] port is 99999; it must be 1 to 65535"),
        (GOOD.replace("port = 4002", 'port = "4002"'), "[gateway] port must be a int, not '4002'"),
        (GOOD.replace("port = 4002", ""), "[gateway] port is missing"),
        (GOOD + "phase = 'run'\n", "[strategy] knows no phase"),
        (GOOD + "[limits]\nmax = 1\n", "there is no section [limits]"),
        (GOOD.replace("DU7654321", "U7654321"), "is a live account and the gateway's mode is paper"),
        (GOOD.replace("propose_again = true", "propose_again = 1"), "propose_again must be a bool"),
        (GOOD + '[day]\nintake = "/nowhere/at/all"\n', "a folder that exists"),
        ("gateway = 3\n", "gateway must be a section"),
        ("[gateway\n", "is no TOML"),
    ],
)
def test_a_file_with_a_mistake_starts_nothing_and_says_where_it_is(
    tmp_path: Path, text: str, told: str
) -> None:
    with pytest.raises(DayFileRefused) as refused:
        read_day_file(day_file(tmp_path, text), mode="paper")
    assert told in str(refused.value)
    with override_settings(MODE="paper"), pytest.raises(CommandError):
        call_command("up", config=day_file(tmp_path, text), stdout=StringIO())


def test_every_problem_of_a_file_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(DayFileRefused) as refused:
        read_day_file(day_file(tmp_path, "[gateway]\nport = 0\n[strategy]\nmoc_minutes = 90\n"), mode="paper")
    assert len(refused.value.problems) == 5


def test_the_rows_of_the_desk_become_what_the_file_says_and_a_phase_never_does(
    account: Account, tmp_path: Path
) -> None:
    Phase.objects.update(phase="walk")
    with override_settings(MODE="paper"), standing_at(at("08:00")):
        for _ in range(2):
            call_command("set_up_day", day_file(tmp_path), stdout=StringIO())
        made = Account.objects.get(code="DU7654321")
        assert made.gateway == Gateway.objects.get(name="paper", port=4002, mode="paper")
        assert set(Phase.objects.values_list("account__code", "phase")) == {
            ("DU7654321", "crawl"), ("DU1000001", "walk"),
        }  # fmt: skip
        steps = strategy_steps(Strategy.objects.get(), session_of_day("XNYS", WEDNESDAY))
    assert steps[1].due_at == at("15:42")
    assert Entry.objects.filter(reason="the file of one trading day").count() == 4


def test_the_day_is_over_when_every_step_has_its_outcome_and_what_went_wrong_is_listed(
    account: Account,
) -> None:
    said: list[str] = []
    teller = Teller(said.append)
    with standing_at(at("16:10")) as now:
        assert not day_is_over(now) and "no timetable" in left_undone(now)[0]
        keep_timetable(now)
        assert len(left_undone(now)) == 4
        rows = {row.name: row for row in DayStep.objects.all()}
        end_step(rows["submit"].pk, Ended(Outcome.NOTHING, "no plan came for today"), now)
        end_step(rows["clean up"].pk, Ended(Outcome.FAILED, "NOT FLAT: 16 WEC"), now)
        end_step(rows["report"].pk, Ended(Outcome.DONE, "2 fills, +3.10"), now)
        assert not day_is_over(now)
        miss_steps([rows["close out"]], now)
        assert day_is_over(now)
        for _ in range(2):
            teller.look(now)
        undone = left_undone(now)
    assert (
        len(said) == 4
        and said[0] == "  16:10:00  submit of bracket-day: nothing to do. no plan came for today"
    )
    assert len(undone) == 2 and "close out" in undone[0] and "NOT FLAT: 16 WEC" in undone[1]


def test_a_day_without_a_session_is_over_at_once_says_so_and_leaves_nothing_undone(account: Account) -> None:
    with standing_at(at("10:00", WEDNESDAY.replace(day=21))) as now:
        assert day_is_over(now) and left_undone(now) == []
        assert closed_line(now) == "No session on Sat 21 Nov; the next one opens Mon 23 Nov 09:30 EST."
    with standing_at(at("10:00")) as now:
        assert closed_line(now) == ""
    assert clock.speed() == 1.0


def test_an_order_of_unknown_fate_is_left_undone_on_a_sunday_too(
    stations: Stations, monkeypatch: pytest.MonkeyPatch
) -> None:
    stations.approve("WEC")
    Ticket.objects.filter(parent=None).update(state="UNKNOWN")
    keys = list(Ticket.objects.filter(state="UNKNOWN").values_list("key", flat=True))
    monkeypatch.setattr(oneday, "broken_promises", lambda: ["S9: told"])
    undone = left_undone(at("10:00", WEDNESDAY.replace(day=22)))
    assert undone == [*(f"order {key}: nobody knows what became of it" for key in keys), "invariant S9: told"]
