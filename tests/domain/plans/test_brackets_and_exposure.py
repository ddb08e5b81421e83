from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradingdesk.domain.money import Side
from tradingdesk.domain.plans import Line, allot, brackets_of, split

D = Decimal


def line(symbol="WEC", quantity=113, limit="115.79", number=2):
    return Line(
        number=number,
        symbol=symbol,
        side=Side.BUY,
        quantity=D(quantity),
        limit_price=D(limit),
        stop_price=D("1"),
        target_1=D("120.49"),
        target_2=D("122.84"),
    )


@pytest.mark.parametrize(
    ("whole", "near", "rest"), [(113, 37, 76), (421, 139, 282), (2, 1, 1), (3, 1, 2), (50, 16, 34)]
)
def test_a_third_goes_to_the_near_target(whole, near, rest):
    assert split(D(whole)) == (near, rest)


@given(st.integers(min_value=2, max_value=10**6))
def test_the_two_parts_are_the_whole_and_neither_is_empty(quantity):
    near, rest = split(D(quantity))
    assert near + rest == quantity
    assert 1 <= near <= rest


@pytest.mark.parametrize("quantity", [D(1), D(0), D("2.5"), D(-4)])
def test_what_cannot_be_split_is_refused(quantity):
    with pytest.raises(ValueError, match="cannot be split"):
        split(quantity)


def test_both_brackets_share_the_stop_and_differ_in_target():
    near, far = brackets_of(line())
    assert (near.label, near.quantity, near.target_price) == ("A", 37, D("120.49"))
    assert (far.label, far.quantity, far.target_price) == ("B", 76, D("122.84"))
    assert near.stop_price == far.stop_price == 1
    assert near.entry_price == far.entry_price == D("115.79")


def test_a_line_that_does_not_fit_is_skipped_and_a_smaller_one_may_follow():
    plan = [line("A", 300, "100"), line("B", 300, "100"), line("C", 100, "100")]
    first, second, third = allot(plan, D(50_000))
    assert (first.taken, second.taken, third.taken) == (True, False, True)
    assert second.refused.code == "EXPOSURE_LIMIT"
    assert second.refused.text.startswith("[EXPOSURE LIMIT] B 30,000.00")
    assert third.exposure_after == 40_000


def test_the_desk_may_stop_at_the_first_that_does_not_fit():
    plan = [line("A", 300, "100"), line("B", 300, "100"), line("C", 100, "100")]
    assert [a.taken for a in allot(plan, D(50_000), stop_at_first=True)] == [True, False, False]


def test_what_was_planned_before_counts_and_the_limit_itself_is_allowed():
    assert allot([line(quantity=100, limit="100")], D(50_000), already_planned=D(40_000))[0].taken
    assert not allot([line(quantity=100, limit="100")], D(50_000), already_planned=D("40000.01"))[0].taken


@given(st.lists(st.integers(min_value=2, max_value=900), max_size=12), st.booleans())
def test_the_exposure_planned_never_passes_the_limit(sizes, stop):
    allotments = allot([line(quantity=size) for size in sizes], D(50_000), stop_at_first=stop)
    assert sum(a.line.notional for a in allotments if a.taken) <= 50_000
    assert len(allotments) == len(sizes)
