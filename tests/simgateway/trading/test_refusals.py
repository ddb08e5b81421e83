"""What is not taken, and what a refused change leaves behind."""

from decimal import Decimal

import pytest

from apps.simgateway.exchange.events import Refused, Warned
from tests.simgateway.trading.floorplan import Pit, at, kinds, leg, option, statuses, stock

D = Decimal


def ready(*instruments):
    pit = Pit(*instruments)
    pit.market.set(1, 99, 101, last=100)
    return pit


def codes(events):
    return [e.code for e in events if isinstance(e, Refused)]


@pytest.mark.parametrize(
    ("code", "order"),
    [
        (200, {"con_id": 99}),
        (435, {"account": ""}),
        (321, {"account": "DU9999999"}),
        (434, {"quantity": 0}),
        (388, {"quantity": "0.5"}),
        (10243, {"quantity": "1.5"}),
        (383, {"quantity": 50_000}),
        (387, {"order_type": "PEG MKT"}),
        (107, {"order_type": "LMT"}),
        (107, {"order_type": "STP"}),
        (107, {"order_type": "TRAIL"}),
        (110, {"order_type": "LMT", "limit": "99.005"}),
        (110, {"order_type": "STP LMT", "limit": 99, "aux": "98.001"}),
        (113, {"order_type": "MOC", "tif": "GTC"}),
        (10006, {"parent": 5}),
    ],
)
def test_a_wrong_order_is_refused_and_leaves_nothing(code, order):
    pit = ready(stock(size_limit=D(10_000)))
    order = {"side": "BUY", "quantity": 1, "order_type": "MKT", **order}
    sent, events = pit.send(order.pop("side"), order.pop("quantity"), order.pop("order_type"), **order)
    assert codes(events) == [code]
    assert kinds(events) == ["Refused"]
    assert pit.venue.order(sent.perm_id) is None


def test_an_expired_contract_and_an_index_cannot_be_traded():
    pit = ready(stock(), option(2, 100, "C"), stock(3, "IDX", sec_type="IND", tradeable=False))
    pit.now = at("2026-03-23 17:00:00")
    assert codes(pit.send("BUY", 1, con_id=2)[1]) == [392]
    assert codes(pit.send("BUY", 1, con_id=3)[1]) == [387]


def test_an_account_without_permission_is_told_so():
    pit = ready(stock(), option(2, 100, "C"))
    pit.accounts.account("DU1000001").denied = ("OPT",)
    assert codes(pit.send("BUY", 1, con_id=2)[1]) == [460]
    assert codes(pit.send("BUY", 1, con_id=0, legs=(leg(1), leg(2)))[1]) == [460]


def test_a_limit_far_through_the_market_is_killed_after_it_was_taken():
    pit = ready()
    order, events = pit.send("BUY", 10, "LMT", limit=105)
    assert kinds(events) == ["Accepted", "StatusChanged", "StatusChanged"]
    assert statuses(events, order) == ["PreSubmitted", "Cancelled"]
    assert "more aggressive than 104.03" in events[-1].reason
    assert "market price of 101." in events[-1].reason


def test_a_change_through_the_band_kills_the_working_order():
    pit = ready()
    order, _ = pit.send("SELL", 10, "LMT", limit=120)
    events = pit.modify(order, limit=80)
    assert kinds(events) == ["StatusChanged", "Refused"]
    assert (order.status, order.limit) == ("Cancelled", 120)
    assert events[-1].code == 201
    assert "too late to replace" in events[-1].text


def test_a_refused_change_leaves_the_order_as_it_was():
    pit = ready()
    order, _ = pit.send("SELL", 10, "LMT", limit=120)
    assert codes(pit.modify(order, limit="119.995")) == [110]
    assert codes(pit.modify(order, side="BUY")) == [105]
    assert codes(pit.modify(order, order_type="MOC")) == [329]
    assert (order.limit, order.side, order.order_type, order.status) == (120, "SELL", "LMT", "Submitted")


def test_a_finished_order_cannot_be_changed():
    pit = ready()
    order, _ = pit.send("BUY", 10)
    assert codes(pit.modify(order, quantity=20)) == [104]


def test_a_smaller_size_keeps_the_place_in_the_queue_and_a_larger_one_does_not():
    pit = ready()
    first, _ = pit.send("SELL", 10, "LMT", limit=101)
    second, _ = pit.send("SELL", 10, "LMT", limit=101)
    pit.modify(first, quantity=8)
    pit.market.set(1, 101, 102, size=1)
    pit.later()
    assert (first.filled, second.filled) == (1, 0)
    pit.modify(first, quantity=12)
    pit.market.set(1, 101, 103, size=1)
    pit.later()
    assert (first.filled, second.filled) == (1, 1)


def test_a_short_sale_waits_while_shares_are_located():
    pit = ready(stock(shortable_shares=0))
    order, events = pit.send("SELL", 10)
    assert (order.status, order.why_held) == ("PreSubmitted", "locate")
    assert [e.code for e in events if hasattr(e, "code")] == [202, 404]
    pit.send("BUY", 10)
    closing, _ = pit.send("SELL", 10)
    assert closing.status == "Filled"


def test_what_is_not_done_as_asked_is_told_and_the_order_lives():
    pit = ready()
    pit.send("BUY", 10)
    flip, events = pit.send("SELL", 15, "LMT", limit=110)
    assert [e.code for e in events if isinstance(e, Warned)] == [2137]
    assert flip.status == "Submitted"
    pit.now = at("2026-03-04 12:00:00")
    early, events = pit.send("BUY", 1, outside_rth=True)
    assert [e.code for e in events if isinstance(e, Warned)] == [2109, 399]
    assert (early.status, early.why_held) == ("PreSubmitted", "")
