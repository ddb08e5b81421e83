from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradingdesk.domain.tickets import (
    Alarm,
    Evidence,
    EvidenceKind,
    OrderState,
    RequestKind,
    State,
    begin,
    fold,
    fold_attempt,
    is_done,
)

D = Decimal
SENT = OrderState(quantity=D(100))
SILENCE = Evidence(kind=EvidenceKind.SILENCE)


def status(word, filled=0, remaining=None, **more):
    rest = 100 - filled if remaining is None else remaining
    return Evidence(
        kind=EvidenceKind.ORDER_STATUS, perm_id=9, status=word, filled=D(filled), remaining=D(rest), **more
    )


def executed(exec_id, shares, price="10", perm_id=9):
    return Evidence(
        kind=EvidenceKind.EXECUTION, perm_id=perm_id, exec_id=exec_id, shares=D(shares), price=D(price)
    )


def error(code, kind=RequestKind.PLACE):
    return Evidence(kind=EvidenceKind.ERROR, code=code, request_kind=kind)


def after(*evidence, start=SENT):
    for piece in evidence:
        start = fold(start, piece)
    return start


WORKING = after(status("Submitted"))


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("PendingSubmit", State.SENDING),
        ("ApiPending", State.SENDING),
        ("PreSubmitted", State.WORKING),
        ("Submitted", State.WORKING),
        ("PendingCancel", State.WORKING),
        ("Cancelled", State.CANCELLED),
        ("ApiCancelled", State.CANCELLED),
        ("Inactive", State.UNKNOWN),
        ("SomethingNew", State.UNKNOWN),
    ],
)
def test_each_status_word_means_what_it_proves(word, state):
    assert after(status(word)).state is state


def test_an_order_waiting_for_shares_to_borrow_is_alive():
    assert after(status("Inactive", why_held="child,locate")).state is State.WORKING


def test_three_prints_fill_the_order_with_every_message_doubled():
    prints = [("a.b.01.01", 40, 40), ("a.b.02.01", 40, 80), ("a.b.03.01", 20, 100)]
    order = WORKING
    for exec_id, shares, total in prints:
        word = "Filled" if total == 100 else "Submitted"
        order = after(*[executed(exec_id, shares), status(word, total)] * 2, start=order)
    assert (order.state, order.filled, order.executed, order.remaining) == (State.FILLED, 100, 100, 0)
    assert order.alarms == frozenset()


def test_a_fill_known_from_its_status_is_not_late_when_its_execution_follows_the_cancel():
    order = after(status("Submitted", 40), status("Cancelled", 40), executed("a.b.01.01", 40), start=WORKING)
    assert (order.state, order.filled, order.alarms) == (State.CANCELLED, 40, frozenset())


def test_a_fill_after_the_cancel_is_booked_and_alarmed():
    order = after(status("Cancelled"), executed("a.b.01.01", 30), start=WORKING)
    assert (order.state, order.filled) == (State.CANCELLED, 30)
    assert order.alarms == {Alarm.LATE_FILL}


def test_a_late_fill_told_by_status_alone_is_alarmed_too():
    order = after(status("Cancelled"), status("Cancelled", 30), start=WORKING)
    assert (order.state, order.filled, order.alarms) == (State.CANCELLED, 30, {Alarm.LATE_FILL})


def test_a_cancelled_order_that_fills_whole_was_filled():
    order = after(error(202, RequestKind.CANCEL), status("Filled", 100), start=WORKING)
    assert (order.state, order.alarms) == (State.FILLED, {Alarm.LATE_FILL})


def test_a_dead_order_seen_alive_is_unknown_and_alarmed():
    order = after(status("Cancelled"), status("Submitted"), start=WORKING)
    assert (order.state, order.look_up, order.alarms) == (State.UNKNOWN, True, {Alarm.REVIVED})


def test_a_correction_replaces_its_execution_and_filled_does_not_fall():
    order = after(
        executed("a.b.01.01", 10), executed("a.b.01.02", 8), executed("a.b.01.01", 10), start=WORKING
    )
    assert (order.executed, order.filled) == (8, 10)
    assert order.alarms == {Alarm.EXECUTION_CORRECTED}


def test_a_correction_upwards_can_complete_the_order():
    order = after(executed("a.b.01.01", 90), executed("a.b.01.02", 100), start=WORKING)
    assert (order.state, order.executed) == (State.FILLED, 100)


def test_more_than_ordered_is_capped_and_alarmed():
    order = after(executed("a.b.01.01", 100), executed("a.b.02.01", 5), start=WORKING)
    assert (order.filled, order.executed, order.state) == (100, 105, State.FILLED)
    assert Alarm.OVERFILLED in order.alarms


def test_filled_with_a_remainder_contradicts_itself_and_is_doubt():
    assert after(status("Filled", 60), start=WORKING).state is State.UNKNOWN


def test_filled_without_figures_is_filled_whole():
    word = Evidence(kind=EvidenceKind.COMPLETED_ORDER, perm_id=9, status="Filled")
    assert after(word, start=WORKING).filled == 100


def test_a_cancel_that_came_with_a_full_count_is_a_fill():
    assert after(status("Cancelled", 100), start=WORKING).state is State.FILLED


@pytest.mark.parametrize("code", [399, 404, 481, 2109, 2161, 10349])
def test_a_note_leaves_a_live_order_alive(code):
    assert after(error(code), start=WORKING) == WORKING


@pytest.mark.parametrize(
    ("code", "kind"), [(110, "modify"), (105, "modify"), (329, "modify"), (161, "cancel")]
)
def test_a_refused_change_or_cancel_leaves_it_alive_until_looked_up(code, kind):
    order = after(error(code, RequestKind(kind)), start=WORKING)
    assert (order.state, order.look_up) == (State.WORKING, True)
    assert not after(status("Submitted"), start=order).look_up


@pytest.mark.parametrize(("code", "kind"), [(19999, "place"), (10147, "cancel"), (103, "place")])
def test_doubt_on_a_live_order_is_unknown_and_the_same_doubt_twice_ends_nothing(code, kind):
    order = after(*[error(code, RequestKind(kind))] * 2, start=WORKING)
    assert (order.state, order.look_up) == (State.UNKNOWN, True)


def test_a_refusal_ends_a_placement_nobody_heard_of():
    assert after(error(103)).state is State.REFUSED
    assert after(SILENCE, error(200)).state is State.REFUSED


def test_a_rejection_ends_a_live_order_and_its_echo_changes_nothing():
    for sequence in ([error(201), status("Inactive")], [status("Inactive"), error(201)]):
        assert after(*sequence, start=WORKING).state is State.REFUSED


def test_a_rejected_rest_of_a_partial_fill_is_a_cancel():
    order = after(executed("a.b.01.01", 10), error(201), start=WORKING)
    assert (order.state, order.filled) == (State.CANCELLED, 10)


def test_silence_hides_a_sent_order_and_not_a_working_one():
    assert after(SILENCE).state is State.UNKNOWN
    assert after(SILENCE, start=WORKING).state is State.WORKING


def test_a_fill_found_later_leaves_the_rest_unknown():
    order = after(SILENCE, executed("a.b.01.01", 10))
    assert (order.state, order.heard_of, order.perm_id) == (State.UNKNOWN, True, 9)
    assert after(SILENCE, status("Cancelled", 10), executed("a.b.01.01", 10)).state is State.CANCELLED


def test_a_size_changed_at_the_broker_is_followed_and_alarmed():
    smaller = Evidence(kind=EvidenceKind.OPEN_ORDER, perm_id=9, status="Submitted", total_quantity=D(60))
    order = after(smaller, start=WORKING)
    assert (order.quantity, order.alarms) == (60, {Alarm.SIZE_CHANGED})
    filled = after(executed("a.b.01.01", 80), smaller, start=WORKING)
    assert filled.quantity == 100


def test_the_average_price_weighs_standing_executions():
    order = after(executed("a.b.01.01", 10, "10"), executed("a.b.02.01", 30, "14"), start=WORKING)
    assert order.average_price == 13
    assert SENT.average_price is None


WORDS = ["PendingSubmit", "Submitted", "PendingCancel", "Inactive", "Cancelled", "Filled", "Odd"]
pieces = st.one_of(
    st.builds(
        status,
        st.sampled_from(WORDS),
        st.integers(0, 120),
    ),
    st.builds(
        executed,
        st.builds("a.{}.0{}".format, st.integers(1, 4), st.integers(1, 3)),
        st.integers(0, 60),
    ),
    st.builds(error, st.sampled_from([103, 104, 110, 200, 201, 202, 399, 10147, 10148, 10349, 19999]),
              st.sampled_from(RequestKind)),
    st.just(SILENCE),
)  # fmt: skip


@given(st.lists(pieces, max_size=25))
def test_filled_never_falls_never_passes_the_size_and_no_execution_counts_twice(evidence):
    order, before = SENT, SENT
    for piece in evidence:
        before, order = order, fold(order, piece)
        assert before.filled <= order.filled <= order.quantity
        assert fold(order, piece).executions == order.executions
        assert before.alarms <= order.alarms
        if is_done(before.state) and order.state is not before.state:
            assert order.alarms > before.alarms or before.alarms & {Alarm.REVIVED, Alarm.LATE_FILL}


@given(st.permutations([("a.1.01", 40), ("a.2.01", 40), ("a.3.01", 20), ("a.2.02", 40), ("a.1.01", 40)]))
def test_the_order_of_executions_does_not_matter(executions):
    order = after(*[executed(name, shares) for name, shares in executions])
    assert (order.executed, order.filled, order.state) == (100, 100, State.FILLED)


class TestAttempt:
    """Everything under one reference."""

    def test_an_order_gets_its_permanent_id_when_it_first_answers(self):
        attempt = fold_attempt(begin(D(100)), status("Submitted"))
        assert set(attempt.orders) == {9}
        assert (attempt.state, attempt.may_fill, attempt.heard_of) == (State.WORKING, 100, True)
        assert attempt.alarms == frozenset()

    def test_an_error_without_a_permanent_id_finds_the_only_order(self):
        attempt = fold_attempt(begin(D(100)), status("Submitted"))
        assert fold_attempt(attempt, error(202)).state is State.CANCELLED
        assert fold_attempt(begin(D(100)), error(103)).state is State.REFUSED

    def test_a_second_permanent_id_is_tracked_alarmed_and_kept_in_the_worst_case(self):
        first = fold_attempt(begin(D(100)), status("Submitted"))
        both = fold_attempt(first, replace(status("Submitted"), perm_id=10))
        assert (both.may_fill, both.alarms) == (200, {Alarm.SECOND_PERM_ID})
        one_left = fold_attempt(both, status("Cancelled"))
        assert (one_left.state, one_left.may_fill) == (State.WORKING, 100)

    def test_an_error_that_could_mean_either_order_ends_neither(self):
        both = fold_attempt(
            fold_attempt(begin(D(100)), status("Submitted")), replace(status("Submitted"), perm_id=10)
        )
        told = fold_attempt(both, error(202))
        assert told.state is State.WORKING
        assert all(order.look_up for order in told.orders.values())

    def test_two_orders_filling_one_reference_overfill_it(self):
        attempt = fold_attempt(begin(D(100)), executed("a.1.01", 100))
        attempt = fold_attempt(attempt, executed("b.1.01", 100, perm_id=10))
        assert (attempt.filled, attempt.state) == (200, State.FILLED)
        assert attempt.alarms == {Alarm.SECOND_PERM_ID, Alarm.OVERFILLED}
