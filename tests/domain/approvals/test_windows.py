"""The window as values: what each side may ask of it, at every moment and in every state."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradingdesk.domain.approvals import (
    Opening,
    Phase,
    Surroundings,
    Tick,
    Window,
    WindowState,
    cancel_problem,
    hold_window,
    hurry_problem,
    jump_between,
    jumped,
    open_window,
    overdue,
    release_problem,
)
from tradingdesk.domain.approvals.windows import ENDED, HOLD, LATE_AFTER
from tradingdesk.domain.money import Reason
from tradingdesk.domain.risk import Outcome
from tradingdesk.domain.risk.stops import StopLevel

NOW = datetime(2026, 11, 18, 15, tzinfo=UTC)
CUT_OFF = NOW + timedelta(hours=3)
ASKED = Window(state=WindowState.ASKED, asked_at=NOW, cut_off=CUT_OFF)
OPEN = replace(ASKED, state=WindowState.OPEN, send_at=NOW + timedelta(seconds=60))
seconds = st.floats(-600, 600, allow_nan=False).map(lambda value: timedelta(seconds=round(value, 3)))


def around(now, **changes):
    good = {
        "now": now, "digest_holds": True, "phase": Phase.WALK, "stop": StopLevel.ACTIVE,
        "outcome": Outcome.PASS,
    }  # fmt: skip
    return Surroundings(**(good | changes))


@given(seconds)
def test_it_is_released_from_its_deadline_on_and_for_a_quarter_of_a_minute(away):
    problem = release_problem(OPEN, around(OPEN.send_at + away))
    assert (problem is None) is (timedelta(0) <= away <= LATE_AFTER)


@given(seconds, st.sampled_from(sorted(ENDED)))
def test_what_ended_is_neither_released_nor_cancelled_nor_moved(away, state):
    window = replace(OPEN, state=state)
    now = OPEN.send_at + away
    assert release_problem(window, around(now)).code == "WINDOW_ENDED"
    assert cancel_problem(window).code == "WINDOW_ENDED"
    assert hold_window(window, now).code == hurry_problem(window, proved=True).code == "WINDOW_ENDED"
    assert overdue(window, now) is None


@given(seconds, st.booleans())
def test_whoever_may_not_release_it_any_more_finds_it_overdue_and_only_then(away, ready):
    """Between the two nothing is lost: late for the release is exactly late for everybody."""
    now = OPEN.send_at + away
    problem = release_problem(OPEN, around(now, link_ready=ready))
    assert (overdue(OPEN, now) is not None) is (problem is not None and problem.code == "WINDOW_LATE")


@given(st.integers(0, 3), seconds)
def test_it_opens_with_a_delivered_alert_in_time_and_for_its_whole_length(delivered, away):
    opening = open_window(ASKED, delivered=delivered, now=NOW + away)
    assert isinstance(opening, Opening) is (delivered > 0 and away <= timedelta(seconds=15))
    if isinstance(opening, Opening):
        assert opening.send_at - (NOW + away) == ASKED.length


@pytest.mark.parametrize("left", [timedelta(0), HOLD, HOLD + LATE_AFTER])
def test_a_hold_gives_the_whole_of_it_or_nothing(left):
    window = replace(OPEN, cut_off=OPEN.send_at + left)
    assert isinstance(hold_window(window, NOW), Reason)
    longer = replace(OPEN, cut_off=OPEN.send_at + left + timedelta(hours=1))
    assert hold_window(longer, NOW).send_at == OPEN.send_at + HOLD


def test_sending_now_without_a_proof_is_refused():
    assert hurry_problem(OPEN, proved=False).code == "PROOF_STALE"
    assert hurry_problem(OPEN, proved=True) is None


@given(st.floats(-900, 900), st.floats(0, 30), st.floats(0, 5))
def test_a_step_of_the_clock_is_told_from_time_that_passed_and_from_a_slow_answer(step, passed, slow):
    first = Tick(told=NOW, before=100.0, after=100.0 + slow)
    second = Tick(
        told=NOW + timedelta(seconds=passed + step), before=100.0 + passed, after=100.0 + passed + slow
    )
    away = abs(jump_between(first, second).total_seconds())
    assert away <= abs(step) + 1e-5 and away >= abs(step) - 2 * slow - 1e-5
    if abs(step) > 2 + 2 * slow + 1e-3:
        assert jumped(first, second)
    if abs(step) < 2 - 1e-3:
        assert not jumped(first, second)
    assert not jumped(None, second)
