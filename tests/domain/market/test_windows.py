"""Restart windows: told in the gateway's zone, on some days, past midnight too."""

from datetime import UTC, datetime, time

import pytest

from tradingdesk.domain.market import Window, window_problem

DAILY = Window(title="daily restart", starts=time(23, 42), ends=time(23, 48), zone="America/New_York")
WEEKEND = Window(
    title="weekend maintenance",
    starts=time(23),
    ends=time(3),
    zone="America/New_York",
    weekdays=frozenset({5}),
)


def utc(day: int, hour: int, minute: int, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "closed"),
    [
        (utc(19, 4, 41), False),
        (utc(19, 4, 42), True),
        (utc(19, 4, 47), True),
        (utc(19, 4, 48), False),
        (utc(19, 23, 45), False),
    ],
)
def test_a_window_is_closed_from_its_first_minute_to_its_last(now: datetime, closed: bool) -> None:
    assert (window_problem([DAILY], now) is not None) is closed


def test_a_restart_keeps_its_hour_when_the_clocks_change() -> None:
    summer, winter = utc(15, 3, 45, month=7), utc(15, 4, 45, month=12)
    assert DAILY.until(summer) is not None and DAILY.until(winter) is not None
    assert DAILY.until(utc(15, 4, 45, month=7)) is None


def test_a_window_past_midnight_belongs_to_the_day_it_starts_on() -> None:
    friday_night, saturday_early, saturday_night = utc(21, 4, 30), utc(21, 7, 59), utc(22, 4, 30)
    assert WEEKEND.until(friday_night) is not None
    assert WEEKEND.until(saturday_early) is not None
    assert WEEKEND.until(saturday_night) is None


def test_in_the_autumn_night_the_repeated_hour_is_all_inside() -> None:
    night = Window(title="night", starts=time(0, 30), ends=time(2, 30), zone="America/New_York")
    inside = [utc(1, hour, minute) for hour in (5, 6) for minute in (0, 30, 59)]
    assert all(night.until(now) is not None for now in inside)
    assert night.until(utc(1, 7, 30)) is None


def test_the_reason_names_the_window_and_its_end() -> None:
    problem = window_problem([WEEKEND, DAILY], utc(19, 4, 45))
    assert problem is not None
    assert problem.code == "RESTART_NEAR"
    assert "daily restart" in problem.text and "23:48 America/New_York" in problem.text
    assert window_problem([], utc(19, 4, 45)) is None
