from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradingdesk.domain.risk import (
    LIMITS,
    LimitSet,
    Reservation,
    ReservationState,
    changes_between,
    committed,
    note_fills,
    reopen,
    reserve,
    settle,
    values_problem,
)

D = Decimal
OLD = LimitSet(1, {})


@pytest.mark.parametrize(
    ("name", "new", "looser"),
    [
        ("daily_exposure", 60_000, True),
        ("daily_exposure", 40_000, False),
        ("min_quantity", 1, True),
        ("min_quantity", 5, False),
        ("cumulative_loss", -6_000, True),
        ("cumulative_loss", -1_000, False),
    ],
)
def test_a_change_knows_whether_it_loosens(name, new, looser):
    (change,) = changes_between(OLD, LimitSet(2, {name: D(new)}))
    assert (change.name, change.old, change.new, change.looser) == (name, LIMITS[name].default, new, looser)


def test_a_value_equal_to_the_default_is_no_change():
    assert changes_between(OLD, LimitSet(2, {"daily_exposure": D("50000.00")})) == ()


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"nonsense": D(1)}, "LIMIT_UNKNOWN"),
        ({"order_rate": D("NaN")}, "LIMIT_NOT_A_NUMBER"),
        ({"order_rate": D(-1)}, "LIMIT_NEGATIVE"),
        ({"foreign_counts": D(2)}, "LIMIT_NOT_A_SWITCH"),
        ({"foreign_counts": D("0.5")}, "LIMIT_NOT_A_SWITCH"),
    ],
)
def test_a_value_that_cannot_be_a_limit_is_refused(values, code):
    assert values_problem(values).code == code
    assert values_problem({"cumulative_loss": D(-100), "order_rate": D(5)}) is None


def test_room_is_granted_until_the_worst_case_is_full():
    first = reserve("1-1A", D(30_000), among=[], limit=D(50_000))
    assert first.room_left == 20_000
    second = reserve("1-2A", D("20000.01"), among=[first.reservation], limit=D(50_000))
    assert second.reservation is None
    assert second.refused.code == "RESERVATION_NO_ROOM"


def test_asking_twice_for_the_same_ticket_holds_it_once():
    first = reserve("1-1A", D(30_000), among=[], limit=D(50_000)).reservation
    assert reserve("1-1A", D(30_000), among=[first], limit=D(50_000)).room_left == 20_000


def test_what_an_earlier_attempt_used_stays_used_when_the_rest_is_tried_again():
    spent = settle(note_fills(Reservation("1-1A", D(500)), D(260)))
    again = reserve("1-1A", D(270), among=[spent], limit=D(600)).reservation
    assert (again.amount, again.used, again.committed) == (530, 260, 530)
    assert reserve("1-1A", D(270), among=[spent], limit=D(520)).refused.code == "RESERVATION_NO_ROOM"


@pytest.mark.parametrize("amount", [D("NaN"), D("Infinity"), D(-1)])
def test_a_senseless_amount_is_not_reserved(amount):
    assert reserve("1-1A", amount, among=[], limit=D(50_000)).refused.code == "RESERVATION_AMOUNT_BAD"


def test_what_filled_stays_counted_and_the_rest_comes_back_only_at_the_end():
    held = Reservation("1-1A", D(1000))
    filled = note_fills(held, D(400))
    assert filled.committed == 1000
    assert note_fills(filled, D(100)).used == 400
    over = settle(filled)
    assert (over.state, over.committed) == (ReservationState.USED, 400)
    assert reopen(over).committed == 1000
    assert (settle(held).state, settle(held).committed) == (ReservationState.FREED, 0)


@given(st.lists(st.integers(0, 30_000), max_size=15))
def test_the_worst_case_never_passes_the_limit(amounts):
    held = []
    for number, amount in enumerate(amounts):
        grant = reserve(f"1-{number}A", D(amount), among=held, limit=D(50_000))
        held += [grant.reservation] if grant.reservation else []
        assert committed(held) <= 50_000
        assert grant.room_left >= 0
