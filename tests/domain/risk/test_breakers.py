"""The breakers' table: each trips at its threshold and not before, and not for want of a number."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradingdesk.domain.risk import REASONS
from tradingdesk.domain.risk.breakers import (
    BREAKERS,
    REJECTS_AMONG,
    BreakerState,
    Reading,
    drawdown,
    rate,
    state_of,
    trip_problem,
)
from tradingdesk.domain.risk.stops import StopLevel, close_quantity

NOW = datetime(2026, 11, 18, 15, tzinfo=UTC)
STEP = Decimal("0.01")


@pytest.mark.parametrize("name", BREAKERS)
def test_each_trips_at_its_threshold_and_not_a_step_before(name: str) -> None:
    breaker = BREAKERS[name]
    before = breaker.trips_at + (STEP if breaker.falls else -STEP)
    assert trip_problem(Reading(breaker=breaker, measured=before)) is None
    reason = trip_problem(Reading(breaker=breaker, measured=breaker.trips_at))
    assert reason is not None and reason.code in REASONS


@pytest.mark.parametrize("name", BREAKERS)
def test_what_could_not_be_measured_trips_nothing_and_is_shown_as_not_known(name: str) -> None:
    for measured in (None, Decimal("NaN")):
        reading = Reading(breaker=BREAKERS[name], measured=measured)
        assert trip_problem(reading) is None and reading.distance is None
    nothing = Reading(breaker=BREAKERS[name], measured=None)
    assert state_of(nothing, tripped=False, disabled_until=None, now=NOW) is BreakerState.UNKNOWN


def test_switched_off_ends_by_itself_and_a_trip_does_not() -> None:
    reading = Reading(breaker=BREAKERS["day_loss"], measured=Decimal(0))

    def seen(until: timedelta | None, *, tripped: bool) -> BreakerState:
        until_at = None if until is None else NOW + until
        return state_of(reading, tripped=tripped, disabled_until=until_at, now=NOW)

    assert seen(timedelta(hours=1), tripped=True) is BreakerState.DISABLED
    assert seen(timedelta(0), tripped=True) is BreakerState.TRIPPED
    assert seen(None, tripped=False) is BreakerState.ARMED


def test_a_limit_may_move_the_threshold() -> None:
    reading = Reading(breaker=BREAKERS["cumulative_loss"], measured=Decimal(-900), threshold=Decimal(-800))
    assert reading.beyond and reading.distance == 0


def test_two_refusals_of_two_are_no_rate() -> None:
    assert rate(2, 2, at_least=REJECTS_AMONG) == 0
    assert rate(3, 10, at_least=REJECTS_AMONG) == 30


def test_a_drawdown_is_measured_from_the_top() -> None:
    assert drawdown((Decimal(100), Decimal(120), Decimal(90))) == -25
    assert drawdown(()) is None


def test_only_the_warning_stops_nothing() -> None:
    assert [name for name, row in BREAKERS.items() if row.level is StopLevel.ACTIVE] == ["cumulative_loss"]


NUMBERS = st.decimals(min_value=-500, max_value=500, places=0)
PARTS = st.decimals(min_value=0, max_value=500, places=0)


@given(position=NUMBERS, first=NUMBERS, filled=PARTS, working=PARTS)
def test_a_close_never_passes_through_zero(
    position: Decimal, first: Decimal, filled: Decimal, working: Decimal
) -> None:
    quantity = close_quantity(position, first=first, filled=filled, working=working)
    assert 0 <= quantity <= max(Decimal(0), abs(position) - working) or quantity == 0
    assert quantity + filled <= abs(first) or quantity == 0
