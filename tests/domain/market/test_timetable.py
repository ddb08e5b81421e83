"""The steps of a day: where they fall on whole and half days, what is due, what was missed."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradingdesk.domain.market import Session
from tradingdesk.domain.market.timetable import (
    BRACKET_DAY,
    Outcome,
    Override,
    hours_problem,
    overridden,
    situation,
    timetable,
)

NEW_YORK = ZoneInfo("America/New_York")


def session(day: date, *, close: str = "16:00") -> Session:
    hour, minute = map(int, close.split(":"))
    opens = datetime(day.year, day.month, day.day, 9, 30, tzinfo=NEW_YORK).astimezone(UTC)
    closes = datetime(day.year, day.month, day.day, hour, minute, tzinfo=NEW_YORK).astimezone(UTC)
    return Session("XNYS", day, opens, closes, early=close != "16:00")


def at_exchange(day: date, close: str = "16:00") -> dict[str, tuple[str, str]]:
    return {
        step.name: tuple(f"{moment.astimezone(NEW_YORK):%H:%M:%S}" for moment in (step.due_at, step.deadline))  # type: ignore[misc]
        for step in timetable(session(day, close=close), BRACKET_DAY)
    }


WHOLE = {
    "submit": ("09:35:00", "15:30:00"),
    "close out": ("15:45:00", "15:49:30"),
    "clean up": ("16:05:00", "20:00:00"),
}


@pytest.mark.parametrize("day", [date(2026, 3, 6), date(2026, 3, 9), date(2026, 10, 26), date(2026, 11, 2)])
def test_the_day_stands_at_the_exchange_s_own_time_through_both_changes_of_the_clocks(day: date) -> None:
    assert at_exchange(day) == WHOLE


def test_a_half_day_moves_every_step_with_its_close() -> None:
    assert at_exchange(date(2026, 11, 27), "13:00") == {
        "submit": ("09:35:00", "12:30:00"),
        "close out": ("12:45:00", "12:49:30"),
        "clean up": ("13:05:00", "17:00:00"),
    }


DAY = session(date(2026, 11, 18))
STEPS = timetable(DAY, BRACKET_DAY)


def looked(hour: int, minute: int, **ended: Outcome) -> tuple[list[str], list[str], str]:
    now = datetime(2026, 11, 18, hour, minute, tzinfo=NEW_YORK).astimezone(UTC)
    told = situation(STEPS, {name.replace("_", " "): one for name, one in ended.items()}, now)
    return (
        [step.name for step in told.due],
        [step.name for step in told.missed],
        told.next.name if told.next else "",
    )


def test_back_after_hours_away_only_what_is_still_good_is_due_and_the_rest_was_missed() -> None:
    assert looked(9, 0) == ([], [], "submit")
    assert looked(14, 0) == (["submit"], [], "close out")
    assert looked(15, 47) == (["close out"], ["submit"], "clean up")
    assert looked(15, 50) == ([], ["submit", "close out"], "clean up")
    assert looked(20, 0) == ([], ["submit", "close out", "clean up"], "")


def test_a_step_that_has_ended_is_neither_due_nor_missed_however_it_ended() -> None:
    assert looked(15, 50, submit=Outcome.NOTHING, close_out=Outcome.FAILED) == ([], [], "clean up")


def test_no_session_no_steps_and_an_operator_s_word_is_stronger_than_the_calendar() -> None:
    assert timetable(None, BRACKET_DAY) == ()
    shut = Override(day=DAY.day, reason="day of mourning")
    assert overridden(DAY, shut) is None
    early = Override(day=DAY.day, reason="power failure", close_at=DAY.close_at - timedelta(hours=3))
    found = overridden(DAY, early)
    assert found is not None and found.early
    assert [step.due_at for step in timetable(found, BRACKET_DAY)][1] == DAY.close_at - timedelta(minutes=195)
    assert overridden(None, early) is None and overridden(DAY, None) is DAY


@given(st.integers(1, 390))
def test_however_short_a_session_no_step_is_due_before_the_open_or_after_its_deadline(length: int) -> None:
    short = Session("XNYS", DAY.day, DAY.open_at, DAY.open_at + timedelta(minutes=length))
    steps = timetable(short, BRACKET_DAY)
    assert len(steps) == len(BRACKET_DAY)
    for minute in range(0, 700, 7):
        now = short.open_at + timedelta(minutes=minute)
        told = situation(steps, {}, now)
        assert all(short.open_at <= step.due_at <= now < step.deadline for step in told.due)
        assert not {step.name for step in told.due} & {step.name for step in told.missed}


def test_the_broker_s_hours_are_held_against_the_calendar_s() -> None:
    assert hours_problem(DAY, (DAY.open_at, DAY.close_at)) is None
    early = hours_problem(DAY, (DAY.open_at, DAY.close_at - timedelta(hours=3)))
    nothing = hours_problem(DAY, None)
    assert early is not None and early.code == "HOURS_DIFFER"
    assert nothing is not None and nothing.code == "HOURS_CLOSED_AT_BROKER"
