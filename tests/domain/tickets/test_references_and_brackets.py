from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradingdesk.domain.money import Side
from tradingdesk.domain.plans import Bracket
from tradingdesk.domain.tickets import (
    OrderRef,
    Role,
    State,
    parse_order_ref,
    slices,
    ticket_key,
    tickets_of,
    untransmitted,
)

D = Decimal
BRACKET = Bracket(
    label="A",
    symbol="WEC",
    side=Side.BUY,
    quantity=D(37),
    entry_price=D("115.79"),
    target_price=D("120.49"),
    stop_price=D("112.26"),
)
ENTRY, TARGET, STOP = GROUP = tickets_of(BRACKET, plan=81, line=1)[0]


@given(
    st.from_regex(r"[a-z0-9]{2,12}", fullmatch=True),
    st.integers(1, 10**9),
    st.integers(1, 2000),
    st.sampled_from("ABC"),
    st.integers(1, 99),
    st.sampled_from(Role),
    st.integers(1, 9999),
)
def test_a_reference_comes_back_as_it_was_written(instance, plan, line, label, part, role, attempt):
    ref = OrderRef(instance, ticket_key(plan, line, label, part=part, role=role), attempt)
    assert parse_order_ref(str(ref)) == ref
    assert len(str(ref)) <= 60


@given(st.lists(st.tuples(st.integers(1, 30), st.integers(1, 30), st.sampled_from("AB"), st.integers(1, 30),
                          st.sampled_from(Role)), unique=True, max_size=30))  # fmt: skip
def test_no_two_tickets_share_a_key(parts):
    keys = [ticket_key(plan, line, label, part=part, role=role) for plan, line, label, part, role in parts]
    assert len(set(keys)) == len(keys)


@pytest.mark.parametrize(
    "text", ["", "td-desk-81-1A", "td-DESK-81-1A-1", "td-desk-81-1A-0", "xx-desk-81-1A-1", "td-desk-81-1A-1 "]
)
def test_what_the_desk_did_not_write_is_not_ours(text):
    assert parse_order_ref(text) is None


@pytest.mark.parametrize(
    ("instance", "key", "attempt"), [("d", "81-1A", 1), ("desk", "81", 1), ("desk", "81-1A", 0)]
)
def test_a_malformed_reference_cannot_be_made(instance, key, attempt):
    with pytest.raises(ValueError, match=r"no reference|out of range"):
        OrderRef(instance, key, attempt)


def test_a_label_outside_the_alphabet_makes_no_key():
    with pytest.raises(ValueError, match="not a ticket key"):
        ticket_key(81, 1, "T")


def test_a_bracket_is_an_entry_with_its_exits_as_children():
    assert [spec.key for spec in GROUP] == ["81-1A", "81-1AT", "81-1AS"]
    assert [spec.order_type for spec in GROUP] == ["LMT", "LMT", "STP"]
    assert [spec.side for spec in GROUP] == [Side.BUY, Side.SELL, Side.SELL]
    assert [spec.transmit for spec in GROUP] == [False, False, True]
    assert (TARGET.parent, STOP.parent, ENTRY.parent) == ("81-1A", "81-1A", None)
    assert (ENTRY.limit_price, TARGET.limit_price, STOP.stop_price) == (D("115.79"), D("120.49"), D("112.26"))
    assert ENTRY.algo == {"strategy": "Adaptive", "adaptivePriority": "Normal"}
    assert {spec.tif for spec in GROUP} == {"DAY"}


@given(st.integers(1, 5000), st.integers(1, 700))
def test_a_size_above_the_cap_is_cut_into_parts_that_add_up(quantity, cap):
    parts = slices(D(quantity), D(cap))
    assert sum(parts) == quantity
    assert all(0 < part <= cap for part in parts)
    assert len(parts) == -(-quantity // cap)


def test_each_part_is_a_bracket_of_its_own():
    groups = tickets_of(BRACKET, plan=81, line=1, size_limit=D(20))
    assert [group[0].quantity for group in groups] == [20, 17]
    assert groups[1][2].key == "81-1A2S"
    with pytest.raises(ValueError, match="above zero"):
        slices(D(5), D(0))


@pytest.mark.parametrize(
    ("entry", "target", "stop", "cancel"),
    [
        ("CLAIMED", "CLAIMED", "CLAIMED", ()),
        ("SENDING", "CLAIMED", "CLAIMED", ("81-1A",)),
        ("UNKNOWN", "SENDING", "CLAIMED", ("81-1AT", "81-1A")),
        ("UNKNOWN", "UNKNOWN", "SENDING", ()),
        ("WORKING", "WORKING", "UNKNOWN", ()),
        ("SENDING", "RELEASED", "WITHDRAWN", ("81-1A",)),
    ],
)
def test_a_crash_inside_the_group_cancels_what_was_not_transmitted(entry, target, stop, cancel):
    states = dict(zip(("81-1A", "81-1AT", "81-1AS"), map(State, (entry, target, stop)), strict=True))
    assert untransmitted(GROUP, states) == cancel
