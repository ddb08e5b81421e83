"""A venue that is put away and taken up again."""

import json
from decimal import Decimal

from tests.simgateway.trading.floorplan import ACCOUNT, HOUR, Pit, leg, option, prints, statuses, stock

D = Decimal


def ready():
    pit = Pit(stock(), option(2, 100, "P"), option(3, 95, "P"))
    pit.market.set(1, 99, 101, last=100)
    pit.market.set(2, "3.00", "3.20")
    pit.market.set(3, "1.00", "1.20")
    return pit


def reborn(pit):
    """Another venue on the same market, with the state of the first gone through JSON."""
    state = json.loads(json.dumps(pit.venue.dump()))
    fresh = Pit(stock(), option(2, 100, "P"), option(3, 95, "P"))
    fresh.market.__dict__.update(pit.market.__dict__)
    fresh.now, fresh.perm_id = pit.now, pit.perm_id
    fresh.venue.load(state)
    return fresh


def test_what_is_saved_comes_back_the_same():
    pit = ready()
    pit.send("BUY", 10)
    pit.send("BUY", 10, "LMT", limit=90)
    pit.send("SELL", 10, "STP", aux=80, tif="GTC")
    other = reborn(pit)
    assert other.venue.dump() == pit.venue.dump()
    assert other.accounts.executions() == pit.accounts.executions()
    assert other.venue.working() == pit.venue.working()


def test_orders_go_on_where_they_were():
    pit = ready()
    parent, _ = pit.send("BUY", 10, "LMT", limit=95, transmit=False)
    pit.send("SELL", 10, "LMT", limit=110, parent=parent.perm_id, transmit=False)
    pit.send("SELL", 10, "STP", aux=90, parent=parent.perm_id)
    pit.send("BUY", 5, "MKT", good_after=pit.now + HOUR)
    pit.send("BUY", 1, "LMT", limit="-1.99", con_id=0, legs=(leg(2, "SELL"), leg(3, "BUY")))
    pit.send("SELL", 3, "TRAIL", aux=5)
    other = reborn(pit)
    for one in (pit, other):
        one.market.set(1, 94, 95, last=95)
    assert prints(other.later()) == prints(pit.later()) != []
    for one in (pit, other):
        one.market.set(1, 110, 111, last=110)
    assert other.later() == pit.later() != []
    assert other.later(HOUR) == pit.later(HOUR) != []
    assert other.venue.dump() == pit.venue.dump()


def test_a_resting_order_does_not_trade_because_it_was_taken_up():
    pit = ready()
    pit.market.set(1, 99, 101, size=5)
    order, events = pit.send("BUY", 10)
    assert prints(events) == [(D(5), D(101))]
    other = reborn(pit)
    assert other.venue.order(order.perm_id).filled == 5
    assert other.held() == pit.accounts.account(ACCOUNT).quantity(1) == 5


def test_a_cancel_after_taking_up_takes_the_children_along():
    pit = ready()
    parent, _ = pit.send("BUY", 10, "LMT", limit=95, transmit=False)
    child, _ = pit.send("SELL", 10, "LMT", limit=110, parent=parent.perm_id)
    other = reborn(pit)
    events = other.venue.cancel(parent.perm_id, other.now)
    assert statuses(events, child) == ["Cancelled"]
