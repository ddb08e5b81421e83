from datetime import UTC, date, datetime, timedelta

import pytest

from tradingdesk.domain.market import Session, bracket_day, closing_auction_cut_off, is_open, time_problem


def at(hour, minute, second=0):
    return datetime(2026, 2, 18, hour, minute, second, tzinfo=UTC)


FULL = Session("XNYS", date(2026, 2, 18), at(14, 30), at(21, 0))
HALF = Session("XNYS", date(2026, 2, 18), at(14, 30), at(18, 0), early=True)


def test_a_session_includes_its_opening_and_not_its_closing_instant():
    assert is_open(FULL, at(14, 30))
    assert not is_open(FULL, at(21, 0))
    assert not is_open(FULL, at(14, 29, 59))


def test_the_bracket_day_hangs_on_open_and_close():
    day = bracket_day(FULL)
    assert (day.submit_at, day.close_out_at, day.report_at) == (at(14, 35), at(20, 45), at(21, 5))
    assert day.auction_cut_off == at(20, 49, 30)


def test_a_half_day_moves_everything_that_hangs_on_the_close():
    day = bracket_day(HALF)
    assert (day.submit_at, day.close_out_at, day.report_at) == (at(14, 35), at(17, 45), at(18, 5))


@pytest.mark.parametrize(("exchange", "moment"), [("NASDAQ", (20, 54, 30)), ("ELSEWHERE", (20, 49, 30))])
def test_the_auction_cut_off_knows_its_exchange_and_is_strict_elsewhere(exchange, moment):
    assert closing_auction_cut_off(FULL, exchange) == at(*moment)


@pytest.mark.parametrize(
    ("now", "skew", "code"),
    [
        (at(20, 44, 59), 0, None),
        (at(20, 45), 0, "CUT_OFF_PASSED"),
        (at(20, 44, 58), 3, "CUT_OFF_PASSED"),
        (at(20, 44, 58), -3, "CUT_OFF_PASSED"),
        (at(14, 30, 1), 3, "SESSION_CLOSED"),
        (at(21, 0), 0, "SESSION_CLOSED"),
    ],
)
def test_an_unsure_clock_narrows_the_window(now, skew, code):
    problem = time_problem(FULL, now, cut_off=at(20, 45), clock_skew=timedelta(seconds=skew))
    assert (problem and problem.code) == code


def test_without_a_session_or_a_cut_off():
    assert time_problem(None, at(15, 0)).code == "SESSION_UNKNOWN"
    assert time_problem(FULL, at(15, 0)) is None
