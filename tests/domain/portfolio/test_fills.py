from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradingdesk.domain.money import Money, Side
from tradingdesk.domain.portfolio import (
    Booking,
    Fill,
    book,
    commission,
    position_of,
    root_and_revision,
    standing,
)

D = Decimal
T0 = datetime(2026, 2, 18, 15, tzinfo=UTC)
FILL = Fill(
    account="DU1234567",
    exec_id="0000e0d5.69dd7411.01.01",
    con_id=13272,
    side=Side.BUY,
    quantity=D(10),
    price=D("115.79"),
    at=T0,
)
CORRECTED = replace(FILL, exec_id="0000e0d5.69dd7411.01.02", quantity=D(8))
BUSTED = replace(FILL, exec_id="0000e0d5.69dd7411.01.03", quantity=D(0))


@pytest.mark.parametrize(
    ("exec_id", "root", "revision"),
    [
        ("0000e0d5.69dd7411.01.01", "0000e0d5.69dd7411.01", 1),
        ("0000e0d5.69dd7411.01.12", "0000e0d5.69dd7411.01", 12),
        ("0000e0d5.69dd7411.01.02.01", "0000e0d5.69dd7411.01.02", 1),
        ("odd", "odd", 0),
        ("a.b", "a.b", 0),
        ("a.b.x", "a.b.x", 0),
        ("a.b.²", "a.b.²", 0),
    ],
)
def test_an_execution_id_carries_its_revision(exec_id, root, revision):
    assert root_and_revision(exec_id) == (root, revision)


@pytest.mark.parametrize(
    ("known", "incoming", "booking"),
    [
        ([], FILL, Booking.NEW),
        ([FILL], FILL, Booking.DUPLICATE),
        ([FILL], CORRECTED, Booking.CORRECTION),
        ([CORRECTED], FILL, Booking.OUTDATED),
        ([FILL], BUSTED, Booking.BUST),
        ([FILL], replace(FILL, price=D(1)), Booking.CONFLICT),
        ([FILL], replace(FILL, account="DU7654321"), Booking.NEW),
        ([FILL], replace(FILL, exec_id="0000e0d5.69dd7411.02.01"), Booking.NEW),
    ],
)
def test_a_report_is_weighed_against_the_known_ones(known, incoming, booking):
    assert book(known, incoming) is booking


def test_only_the_highest_revision_stands_and_a_bust_leaves_nothing():
    assert standing([FILL, CORRECTED]) == (CORRECTED,)
    assert standing([CORRECTED, FILL]) == (CORRECTED,)
    assert standing([FILL, CORRECTED, BUSTED]) == ()


@given(
    st.lists(st.tuples(st.integers(1, 4), st.integers(1, 3), st.integers(0, 9)), max_size=12), st.randoms()
)
def test_neither_order_nor_repetition_changes_what_stands(parts, chance):
    table = {(number, revision): quantity for number, revision, quantity in parts}
    fills = [
        replace(FILL, exec_id=f"a.b.0{n}.0{r}", quantity=D(q), at=T0 + timedelta(seconds=n))
        for (n, r), q in table.items()
    ]
    shuffled = [*fills, *fills]
    chance.shuffle(shuffled)
    assert standing(shuffled) == standing(fills)
    assert position_of(shuffled) == position_of(fills)


@pytest.mark.parametrize("amount", [None, D(-1), D("NaN"), D("Infinity")])
def test_an_unknown_commission_is_not_zero(amount):
    assert commission(amount, "USD") is None


def test_a_rebate_is_kept_as_a_negative_fee():
    assert commission(D("-0.25"), "USD") == Money(D("-0.25"), "USD")
    assert commission(D(0), "USD") == Money(D(0), "USD")
    assert commission(D(1), "") is None
