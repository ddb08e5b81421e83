"""Twenty-one sessions by the calendar: what was missed counts, what cannot be judged is not passed."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from tradingdesk.domain.scorecard import Score, SessionRecord, score_of

D = Decimal
CALENDAR = [date(2026, 10, 1) + timedelta(days=number) for number in range(30)]
GOOD = SessionRecord(entries=10, entries_filled=7, pnl=D("12.34"), statement_pnl=D("12.34"))


def scored(changed: dict[int, SessionRecord | None] | None = None, *, run: int = 21) -> Score:
    """The newest sessions, good but for those told by their place."""
    records: dict[date, SessionRecord | None] = dict.fromkeys(CALENDAR[-run:], GOOD)
    for place, record in (changed or {}).items():
        records[CALENDAR[-run:][place]] = record
    return score_of(CALENDAR[-run:], {day: one for day, one in records.items() if one is not None})


def failed(score: Score) -> list[str]:
    return [row.name for row in score.criteria if row.passed is False]


def test_twenty_one_good_sessions_pass_and_twenty_are_not_enough() -> None:
    assert scored().passed is True
    assert scored(run=20).passed is None


def test_only_the_newest_sessions_count() -> None:
    old = {day: SessionRecord(rejections=5) for day in CALENDAR[:9]}
    assert score_of(CALENDAR, old | dict.fromkeys(CALENDAR[9:], GOOD)).passed is True


@pytest.mark.parametrize(
    ("record", "names"),
    [
        (SessionRecord(entries=200, entries_filled=10, pnl=D(0), statement_pnl=D(0)), ["entry fill rate"]),
        (SessionRecord(rejections=1, pnl=D(0), statement_pnl=D(0)), ["rejections"]),
        (SessionRecord(data_complete=False, pnl=D(0), statement_pnl=D(0)), ["data complete"]),
        (SessionRecord(reconciled=False, pnl=D(0), statement_pnl=D(0)), ["reconciliation clean"]),
        (SessionRecord(unknowns=1, pnl=D(0), statement_pnl=D(0)), ["unresolved UNKNOWN"]),
        (SessionRecord(pnl=D("1.00"), statement_pnl=D("1.02")), ["P&L equals the statement"]),
    ],
)
def test_one_bad_session_fails_exactly_its_criterion_and_is_named(
    record: SessionRecord, names: list[str]
) -> None:
    score = scored({3: record})
    assert failed(score) == names and score.passed is False
    (row,) = [row for row in score.criteria if row.passed is False]
    assert CALENDAR[-21:][3] in row.days


def test_one_missed_session_is_allowed_and_two_are_not() -> None:
    once, twice = scored({3: None}), scored({3: None, 9: None})
    assert once.missed == (CALENDAR[-21:][3],) and failed(once) == []
    assert failed(twice) == ["uptime"]


def test_a_statement_that_has_not_come_is_neither_right_nor_wrong() -> None:
    score = scored({20: SessionRecord(pnl=D(1))})
    assert score.passed is None and failed(score) == []


def test_nothing_recorded_is_no_success() -> None:
    score = score_of(CALENDAR[-21:], {})
    assert score.passed is False and failed(score) == ["uptime", "data complete", "reconciliation clean"]


def test_books_that_nobody_compared_are_neither_clean_nor_unclean() -> None:
    silent = SessionRecord(entries=10, entries_filled=7, pnl=D(1), statement_pnl=D(1), reconciled=None)
    score = scored({3: silent})
    assert score.passed is None and failed(score) == []
    (row,) = [one for one in score.criteria if one.passed is None]
    assert row.days == (CALENDAR[-21:][3],) and "1 unknown" in row.measured
