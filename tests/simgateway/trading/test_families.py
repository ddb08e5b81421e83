"""Brackets, held orders and orders that cancel each other."""

from decimal import Decimal

from tests.simgateway.trading.floorplan import Pit, kinds, prints, statuses

D = Decimal


def bracket(pit, quantity=100, limit=100):
    parent, first = pit.send("BUY", quantity, "LMT", limit=limit, transmit=False)
    profit, second = pit.send("SELL", quantity, "LMT", limit=110, parent=parent.perm_id, transmit=False)
    loss, events = pit.send("SELL", quantity, "STP", aux=90, parent=parent.perm_id)
    assert first == second == []
    return parent, profit, loss, events


def ready(size=1_000_000):
    pit = Pit()
    pit.market.set(1, 101, 103, last=102, size=size)
    return pit


def test_nothing_is_said_until_the_last_of_the_family_is_transmitted():
    pit = ready()
    parent, profit, loss, events = bracket(pit)
    assert kinds(events) == ["Accepted"] * 3 + ["StatusChanged"] * 3
    assert [o.status for o in (parent, profit, loss)] == ["Submitted", "PreSubmitted", "PreSubmitted"]
    assert (profit.why_held, loss.why_held) == ("child", "child,trigger")
    assert profit.oca_group == loss.oca_group == str(parent.perm_id)
    assert profit.oca_type == 3


def test_children_start_when_the_parent_has_filled():
    pit = ready()
    _, profit, loss, _ = bracket(pit)
    pit.market.set(1, 99, 100, last=100)
    pit.later()
    assert (profit.status, profit.why_held) == ("Submitted", "")
    assert (loss.status, loss.why_held) == ("PreSubmitted", "trigger")
    pit.market.set(1, 110, 111, last=110)
    events = pit.later()
    assert prints(events) == [(D(100), D(110))]
    assert statuses(events, loss) == ["Cancelled"]
    assert pit.held() == 0


def test_children_work_for_what_the_parent_has_filled_so_far():
    pit = ready()
    parent, profit, _, _ = bracket(pit)
    pit.market.set(1, 99, 100, last=100, size=40)
    pit.later()
    assert (parent.filled, profit.status) == (40, "Submitted")
    pit.market.set(1, 110, 111, last=110)
    assert prints(pit.later()) == [(D(40), D(110))]
    assert pit.held() == 0


def test_cancelling_a_parent_cancels_its_children():
    pit = ready()
    parent, profit, loss, _ = bracket(pit)
    events = pit.cancel(parent)
    assert [o.status for o in (parent, profit, loss)] == ["Cancelled"] * 3
    assert kinds(events) == ["StatusChanged"] * 3
    assert pit.venue.working() == []


def test_a_parent_cancelled_after_a_partial_fill_leaves_children_of_that_size():
    pit = ready()
    parent, profit, loss, _ = bracket(pit)
    pit.market.set(1, 99, 100, last=100, size=40)
    pit.later()
    pit.cancel(parent)
    assert (profit.quantity, loss.quantity) == (40, 40)
    assert (profit.status, loss.why_held) == ("Submitted", "trigger")


def test_children_follow_a_change_of_their_parents_size():
    pit = ready()
    parent, profit, loss, _ = bracket(pit)
    pit.modify(parent, quantity=60)
    assert (parent.quantity, profit.quantity, loss.quantity) == (60, 60, 60)


def test_a_child_without_its_parent_is_refused():
    pit = ready()
    _, events = pit.send("SELL", 10, "LMT", limit=110, parent=77)
    assert [e.code for e in events] == [10006]


def test_a_held_order_can_be_cancelled_and_can_be_let_go():
    pit = ready()
    first, _ = pit.send("BUY", 10, "LMT", limit=100, transmit=False)
    second, _ = pit.send("BUY", 10, "LMT", limit=103, transmit=False)
    assert pit.venue.working() == []
    assert statuses(pit.cancel(first), first) == ["Cancelled"]
    assert prints(pit.modify(second, transmit=True)) == [(D(10), D(103))]


def test_one_fill_cancels_the_others_of_a_type_one_group():
    pit = ready(size=5)
    orders = [
        pit.send("SELL", 10, "LMT", limit=limit, oca_group="g", oca_type=1)[0] for limit in (104, 105, 106)
    ]
    pit.market.set(1, 105, 106, size=3)
    pit.later()
    assert [o.filled for o in orders] == [3, 0, 0]
    assert [o.status for o in orders] == ["Submitted", "Cancelled", "Cancelled"]


def test_a_partial_fill_reduces_the_others_of_a_type_three_group():
    pit = ready()
    big, _ = pit.send("SELL", 100, "LMT", limit=104, oca_group="g", oca_type=3)
    small, _ = pit.send("SELL", 50, "LMT", limit=120, oca_group="g", oca_type=3)
    pit.market.set(1, 104, 106, size=40)
    events = pit.later()
    assert (big.filled, small.quantity) == (40, 30)
    assert "Modified" in kinds(events)
    pit.market.set(1, 104, 107)
    pit.later()
    assert small.status == "Cancelled"


def test_groups_of_different_accounts_do_not_touch_each_other():
    pit = ready()
    pit.send("SELL", 10, "LMT", limit=104, oca_group="g", oca_type=1)
    other, _ = pit.send("SELL", 10, "LMT", limit=120, oca_group="g", oca_type=1, account="DU1000002")
    pit.market.set(1, 104, 106)
    pit.later()
    assert other.status == "Submitted"
