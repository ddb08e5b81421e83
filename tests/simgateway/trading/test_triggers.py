"""Stops, touches and trails."""

from decimal import Decimal

from tests.simgateway.trading.floorplan import Pit, option, prints, statuses, stock

D = Decimal


def test_a_stop_waits_for_its_trigger():
    pit = Pit()
    pit.market.set(1, 99, 101, last=100)
    order, events = pit.send("SELL", 10, "STP", aux=95)
    assert (order.status, order.why_held) == ("PreSubmitted", "trigger")
    pit.market.set(1, 94, 96, last=96)
    assert pit.later() == []
    pit.market.set(1, 94, 95, last=95)
    events = pit.later()
    assert statuses(events, order) == ["Submitted", "Filled"]
    assert prints(events) == [(D(10), D(94))]


def test_a_stop_on_an_option_looks_at_the_offer_and_not_at_the_last():
    pit = Pit(stock(), option(2, 100, "C"))
    pit.market.set(2, "2.00", "2.10", last="1.00")
    order, _ = pit.send("SELL", 1, "STP", con_id=2, aux="1.50")
    assert order.status == "PreSubmitted"
    pit.market.set(2, "1.40", "1.50")
    assert prints(pit.later()) == [(D(1), D("1.40"))]


def test_a_stop_limit_rests_at_its_limit_once_triggered():
    pit = Pit()
    pit.market.set(1, 99, 101, last=100)
    order, _ = pit.send("BUY", 10, "STP LMT", aux=105, limit=106)
    pit.market.set(1, 107, 108, last=107)
    assert statuses(pit.later(), order) == ["Submitted"]
    pit.market.set(1, 104, 105, last=105)
    assert prints(pit.later()) == [(D(10), D(106))]


def test_a_touch_buys_when_the_market_falls_to_it():
    pit = Pit()
    pit.market.set(1, 99, 101, last=100)
    order, _ = pit.send("BUY", 10, "MIT", aux=97)
    assert order.why_held == "trigger"
    pit.market.set(1, "96.5", 97, last=97)
    assert prints(pit.later()) == [(D(10), D(97))]


def test_a_trail_follows_the_market_up_and_never_down():
    pit = Pit()
    pit.market.set(1, 99, 101, last=100)
    order, _ = pit.send("SELL", 10, "TRAIL", aux=5)
    assert order.trail_stop == 95
    for last, stop in ((104, 99), (102, 99), (110, 105)):
        pit.market.set(1, last - 1, last + 1, last=last)
        assert pit.later() == []
        assert order.trail_stop == stop
    pit.market.set(1, 104, 106, last=105)
    assert prints(pit.later()) == [(D(10), D(104))]


def test_a_trail_by_percent_keeps_its_first_stop_when_one_was_given():
    pit = Pit()
    pit.market.set(1, 99, 101, last=100)
    order, _ = pit.send("BUY", 10, "TRAIL", trail_percent=2, trail_stop=103)
    assert order.trail_stop == 103
    pit.market.set(1, 94, 96, last=95)
    pit.later()
    assert order.trail_stop == D("96.90")


def test_a_trail_with_a_limit_takes_the_limit_from_where_its_stop_is():
    pit = Pit()
    pit.market.set(1, 99, 101, last=100)
    order, _ = pit.send("SELL", 10, "TRAIL LIMIT", aux=5, limit_offset=1)
    pit.market.set(1, 109, 111, last=110)
    pit.later()
    pit.market.set(1, 103, 105, last=104)
    pit.later()
    assert (order.status, order.limit) == ("Submitted", D(104))
    pit.market.set(1, 104, 106, last=105)
    assert prints(pit.later()) == [(D(10), D(104))]


def test_a_midprice_order_trades_in_the_middle_at_the_next_quote():
    pit = Pit()
    pit.market.set(1, 99, "100.01")
    order, events = pit.send("BUY", 10, "MIDPRICE", limit=100)
    assert prints(events) == []
    pit.market.set(1, "99.00", "100.03")
    assert prints(pit.later()) == [(D(10), D("99.51"))]
    assert order.status == "Filled"


def test_an_adaptive_order_takes_its_time():
    pit = Pit()
    pit.market.set(1, 99, 101)
    order, events = pit.send("BUY", 10, algo="Adaptive", algo_params=(("adaptivePriority", "Patient"),))
    assert statuses(events, order) == ["Submitted"]
    assert pit.later(4_900_000) == []
    assert prints(pit.later(200_000)) == [(D(10), D(101))]
