"""Orders that wait for something else to happen."""

from decimal import Decimal

from apps.simgateway.exchange.conditions import parse_time
from apps.simgateway.exchange.order import Condition
from tests.simgateway.trading.floorplan import MINUTE, Pit, at, prints, statuses, stock

D = Decimal


def ready():
    pit = Pit(stock(), stock(2, "BBB"))
    pit.market.set(1, 99, 101, last=100)
    pit.market.set(2, 49, 51, last=50)
    return pit


def price(value, more=True, joined="a"):
    return Condition(kind=1, conjunction=joined, is_more=more, value=str(value), con_id=2)


def test_an_order_waits_for_the_price_of_something_else():
    pit = ready()
    order, _ = pit.send("BUY", 10, conditions=(price(55),))
    assert (order.status, pit.later()) == ("PreSubmitted", [])
    pit.market.set(2, 54, 56, last=55)
    assert prints(pit.later()) == [(D(10), D(101))]


def test_conditions_are_joined_from_the_left():
    pit = ready()
    both, _ = pit.send("BUY", 10, conditions=(price(40), price(60)))
    either, _ = pit.send("BUY", 10, conditions=(price(40, joined="o"), price(60)))
    pit.later()
    assert (both.status, either.status) == ("PreSubmitted", "Filled")


def test_a_condition_can_cancel_an_order_that_works():
    pit = ready()
    order, _ = pit.send("BUY", 10, "LMT", limit=90, conditions=(price(55),), conditions_cancel=True)
    assert order.status == "Submitted"
    pit.market.set(2, 54, 56, last=55)
    assert statuses(pit.later(), order) == ["Cancelled"]


def test_an_order_waits_for_a_time_in_the_zone_it_names():
    pit = ready()
    when = Condition(kind=3, conjunction="a", value="20260303 12:30:00 US/Eastern")
    _order, _ = pit.send("BUY", 10, conditions=(when,))
    assert prints(pit.later(29 * MINUTE)) == []
    assert prints(pit.later(MINUTE)) == [(D(10), D(101))]


def test_an_order_waits_for_a_volume_a_change_and_an_execution():
    pit = ready()
    volume = Condition(kind=6, conjunction="a", value="1000", con_id=2)
    change = Condition(kind=7, conjunction="a", value="5", con_id=2)
    traded = Condition(kind=5, conjunction="a", symbol="BBB", sec_type="STK", exchange="SMART")
    orders = [pit.send("BUY", 1, conditions=(c,))[0] for c in (volume, change, traded)]
    pit.later()
    assert {o.status for o in orders} == {"PreSubmitted"}
    pit.market.set(2, 52, 53, last=D("52.5"), close=D(50), volume=D(1000))
    pit.later()
    assert [o.status for o in orders] == ["Filled", "Filled", "PreSubmitted"]
    pit.send("BUY", 1, con_id=2)
    pit.later()
    assert orders[2].status == "Filled"


def test_times_are_read_in_every_spelling():
    assert parse_time("20260303-17:00:00", "US/Eastern") == at("17:00")
    assert parse_time("20260303 12:00:00", "US/Eastern") == at("17:00")
    assert parse_time("20260303 17:00:00 UTC", "US/Eastern") == at("17:00")
    assert parse_time("yesterday", "US/Eastern") is None
    assert parse_time("20260303 17:00:00 Nowhere/Else", "US/Eastern") is None
