"""The one door for a plan's file: what becomes a plan, what becomes nothing, and what is kept of it."""

import threading
from typing import Any

import pytest
from django.db import connections

from apps.desks.models import Account, Strategy
from apps.journal.models import Entry
from apps.journal.ports import Actor
from apps.plans.models import Line, Plan, Quarantine
from apps.runbook.intake import Taken, preview_file, take_file
from tests.plan_files import NAME, NOON, plan_bytes, row

SOMEBODY = Actor("user", "somebody")


def door(account: Account) -> dict[str, Any]:
    return {"strategy": Strategy.objects.get(name="bracket-day"), "account": account, "now": NOON}


def take(account: Account, data: bytes, name: str = NAME) -> Taken:
    return take_file(data, name, source="upload", author="somebody", actor=SOMEBODY, **door(account))


def test_a_sound_file_becomes_one_plan_with_its_lines(account: Account) -> None:
    taken = take(account, plan_bytes(row(), row(instrument_id="ATO", quantity="40")))
    assert taken.outcome == "accepted" and taken.plan is not None
    assert [(line.symbol, line.quantity) for line in taken.plan.lines.all()] == [("WEC", 113), ("ATO", 40)]
    assert Entry.objects.get(verb="accept_plan").actor == "somebody"


def test_the_same_bytes_under_another_name_are_the_same_plan(account: Account) -> None:
    first = take(account, plan_bytes())
    second = take(account, plan_bytes(), "execution_plan_run_20261118_101500_ffff0000.csv")
    assert (second.outcome, second.plan) == ("known", first.plan)
    assert Plan.objects.count() == 1 and Entry.objects.filter(verb="accept_plan").count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_workers_with_one_file_make_one_plan(account: Account) -> None:
    outcomes: list[Taken] = []
    together = threading.Barrier(2)

    def work() -> None:
        together.wait(10)
        outcomes.append(take(account, plan_bytes()))
        connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(taken.outcome for taken in outcomes) == ["accepted", "known"]
    assert Plan.objects.count() == 1 and Line.objects.count() == 1


WHOLE = {
    "FILE_TRUNCATED": (plan_bytes(end=""), NAME),
    "FILE_MARKED": (b"\xef\xbb\xbf" + plan_bytes(), NAME),
    "FILE_STALE": (plan_bytes(), "execution_plan_run_20261117_093000_a1b2c3.csv"),
    "FILE_DATED_AHEAD": (plan_bytes(), "execution_plan_run_20261119_093000_a1b2c3.csv"),
    "FILE_NAME_UNKNOWN": (plan_bytes(), "plan.csv"),
    "COLUMN_MISSING": (plan_bytes().replace(b"stop_loss,", b"", 1), NAME),
    "COLUMN_UNKNOWN": (plan_bytes().replace(b"score", b"scores", 1), NAME),
    "CELL_NOT_FINITE": (plan_bytes(row(limit_price="NaN")), NAME),
    "CELL_TOO_LARGE": (plan_bytes(row(quantity="1e9")), NAME),
    "CELL_NEGATIVE": (plan_bytes(row(stop_loss="-112.26")), NAME),
    "CELL_FORMULA": (plan_bytes(row(sector="=cmd|' /C calc'!A0")), NAME),
    "SYMBOL_REPEATED": (plan_bytes(row(), row()), NAME),
}


@pytest.mark.parametrize("code", list(WHOLE))
def test_a_broken_file_is_quarantined_whole_with_its_reason(account: Account, code: str) -> None:
    data, name = WHOLE[code]
    taken = take(account, data, name)
    assert taken.outcome == "quarantined" and taken.plan is None
    kept = Quarantine.objects.get()
    assert code in {problem["code"] for problem in kept.problems}
    assert all(problem["remedy"] and problem["message"] for problem in kept.problems)
    assert not Plan.objects.exists()
    again = take(account, data, name)
    assert again.quarantine == kept and Entry.objects.filter(verb="quarantine_file").count() == 1


ROWS = {
    "STOP_MISPLACED": row(stop_loss="116.00"),
    "TARGET_MISPLACED": row(take_profit_1="115.00"),
    "QUANTITY_TOO_SMALL": row(quantity="1"),
    "QUANTITY_FRACTIONAL": row(quantity="10.5"),
}


@pytest.mark.parametrize("code", list(ROWS))
def test_a_bad_row_is_refused_by_its_line_and_the_others_stand(account: Account, code: str) -> None:
    taken = take(account, plan_bytes(ROWS[code], row(instrument_id="ATO")))
    assert taken.plan is not None
    bad, good = taken.plan.lines.order_by("number")
    assert (bad.number, bad.state, bad.reason_code) == (2, "refused", code)
    assert (good.symbol, good.state) == ("ATO", "taken")
    (problem,) = taken.told
    assert problem["line"] == 2 and problem["column"] and problem["remedy"]


def test_a_preview_spends_the_exposure_line_by_line_and_stores_nothing(account: Account) -> None:
    rows = [row(instrument_id=name, quantity="200") for name in ("WEC", "ATO", "PNW")]
    preview = preview_file(plan_bytes(*rows), NAME, **door(account))
    assert [line.taken for line in preview.lines] == [True, True, False]
    assert preview.lines[2].refused is not None and preview.lines[2].refused.code == "EXPOSURE_LIMIT"
    assert preview.order_count == 12 and preview.acceptable
    assert [bracket.quantity for bracket in preview.lines[0].brackets] == [66, 134]
    assert not Plan.objects.exists() and not Quarantine.objects.exists()
    assert not Entry.objects.filter(verb="accept_plan").exists()


def test_a_preview_says_which_plan_the_bytes_are_already(account: Account) -> None:
    taken = take(account, plan_bytes())
    preview = preview_file(plan_bytes(), NAME, **door(account))
    assert preview.known == taken.plan and not preview.acceptable
