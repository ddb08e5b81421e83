"""Opening, closing, and what happens between."""

from decimal import Decimal

from tests.simgateway.trading.floorplan import HOUR, Pit, at, kinds, prints, statuses

D = Decimal


def ready():
    pit = Pit()
    pit.market.set(1, 99, 101, last=100)
    pit.market.auctions = {(1, "close"): D("100.40"), (1, "open"): D("99.60")}
    return pit


def test_a_market_on_close_fills_at_the_closing_auction():
    pit = ready()
    order, events = pit.send("SELL", 500, "MOC")
    assert kinds(events) == ["Accepted", "StatusChanged"]
    assert pit.venue.next_due(pit.now) is not None
    pit.until("20:59:59")
    assert order.filled == 0
    events = pit.until("21:00")
    assert prints(events) == [(D(500), D("100.40"))]
    assert [e.venue for e in events if hasattr(e, "venue")] == ["NASDAQ"]


def test_a_limit_on_close_that_the_auction_passes_by_is_cancelled():
    pit = ready()
    order, _ = pit.send("BUY", 5, "LOC", limit=100)
    assert statuses(pit.until("21:00"), order) == ["Cancelled"]


def test_an_auction_order_after_the_cutoff_is_rejected():
    pit = ready()
    pit.until("20:50")
    order, events = pit.send("BUY", 5, "MOC")
    assert [(e.code, e.inactive) for e in events if hasattr(e, "inactive")] == [(201, True)]
    assert order.status == "Inactive"


def test_an_auction_order_can_no_longer_be_cancelled_after_the_cutoff():
    pit = ready()
    order, _ = pit.send("BUY", 5, "MOC")
    pit.until("20:55")
    assert kinds(pit.cancel(order)) == ["CancelRefused"]
    assert order.status == "Submitted"
    pit.until("21:00")
    assert order.status == "Filled"


def test_an_opening_order_fills_at_the_opening_auction():
    pit = ready()
    pit.now = at("13:00")
    order, _ = pit.send("BUY", 5, "MKT", tif="OPG")
    assert order.status == "PreSubmitted"
    assert prints(pit.until("14:30")) == [(D(5), D("99.60"))]


def test_an_order_that_waited_for_the_open_trades_at_the_open():
    pit = ready()
    pit.now = at("13:00")
    _order, _ = pit.send("BUY", 5)
    assert prints(pit.until("14:29:59")) == []
    assert prints(pit.until("14:30")) == [(D(5), D(101))]


def test_a_day_order_expires_at_the_close():
    pit = ready()
    order, _ = pit.send("BUY", 5, "LMT", limit=90)
    assert statuses(pit.until("20:59:59"), order) == []
    assert statuses(pit.until("21:00"), order) == ["Cancelled"]


def test_a_good_till_cancelled_order_survives_the_weekend():
    pit = ready()
    pit.now = at("2026-03-06 20:58:00")
    order, _ = pit.send("BUY", 5, "LMT", limit=95, tif="GTC")
    assert statuses(pit.until("2026-03-06 21:00:00"), order) == ["PreSubmitted"]
    pit.until("2026-03-09 14:00:00")
    pit.market.set(1, 93, 94)
    events = pit.until("2026-03-09 14:30:00")
    assert prints(events) == [(D(5), D(94))]


def test_a_limit_that_may_trade_outside_hours_does():
    pit = ready()
    pit.now = at("23:30")
    _, events = pit.send("BUY", 5, "LMT", limit=101, outside_rth=True)
    assert prints(events) == [(D(5), D(101))]
    resting, _ = pit.send("BUY", 5, "LMT", limit=90, outside_rth=True)
    pit.until("2026-03-04 00:59:00")
    assert resting.status == "Submitted"
    pit.until("2026-03-04 01:00:00")
    assert resting.status == "Cancelled"


def test_an_order_begins_and_ends_at_the_times_it_names():
    pit = ready()
    late, events = pit.send("BUY", 5, good_after=pit.now + HOUR)
    short, _ = pit.send("BUY", 5, "LMT", limit=90, tif="GTD", good_till=pit.now + 2 * HOUR)
    assert prints(events) == []
    assert prints(pit.later(HOUR)) == [(D(5), D(101))]
    assert late.status == "Filled"
    assert statuses(pit.later(HOUR), short) == ["Cancelled"]


def test_nothing_trades_in_a_halt():
    pit = ready()
    pit.market.set(1, 99, 101, halted=True)
    order, events = pit.send("BUY", 5)
    assert (order.status, prints(events)) == ("Submitted", [])
    pit.market.set(1, 99, 101)
    assert prints(pit.later()) == [(D(5), D(101))]


def test_immediate_orders_end_at_once():
    pit = ready()
    pit.market.set(1, 99, 101, size=3)
    part, _events = pit.send("BUY", 5, tif="IOC")
    assert (part.status, part.filled) == ("Cancelled", 3)
    whole, _ = pit.send("BUY", 5, tif="FOK")
    assert (whole.status, whole.filled) == ("Inactive", 0)


def test_executions_are_forgotten_at_midnight_and_positions_stay():
    pit = ready()
    pit.send("BUY", 5)
    assert len(pit.accounts.executions()) == 1
    pit.until("2026-03-04 04:59:00")
    assert len(pit.accounts.executions()) == 1
    pit.until("2026-03-04 05:00:00")
    assert pit.accounts.executions() == []
    assert pit.held() == 5


def test_the_due_instant_is_the_next_quote_only_while_an_order_can_be_touched():
    pit = ready()
    order, _ = pit.send("BUY", 5, "LMT", limit=90)
    assert pit.venue.next_due(pit.now) == pit.now + 500_000
    pit.cancel(order)
    assert pit.venue.next_due(pit.now) == at("2026-03-04 05:00:00")
