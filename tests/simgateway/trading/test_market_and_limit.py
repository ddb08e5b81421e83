"""Market and limit orders against a market that shows what it has."""

from decimal import Decimal

from tests.simgateway.trading.floorplan import Pit, at, kinds, prints, statuses

D = Decimal


def test_a_market_order_fills_at_the_far_side_in_the_same_call():
    pit = Pit()
    pit.market.set(1, 99, 101)
    order, events = pit.send("BUY", 10)
    assert kinds(events) == [
        "Accepted", "StatusChanged", "Execution", "StatusChanged", "Commission", "PositionChanged",
    ]  # fmt: skip
    assert statuses(events, order) == ["Submitted", "Filled"]
    assert prints(events) == [(D(10), D(101))]
    assert pit.held() == 10


def test_the_displayed_size_limits_each_print():
    pit = Pit()
    pit.market.set(1, 99, 100, size=40)
    order, events = pit.send("BUY", 100)
    assert prints(events) == [(D(40), D(100))]
    assert order.status == "Submitted"
    assert pit.later() == []  # the same quote shows nothing new
    pit.market.set(1, 99, 101, size=70)
    assert prints(pit.later()) == [(D(60), D(101))]
    assert order.status == "Filled"
    assert order.average_price == D("100.6")


def test_a_limit_rests_until_the_market_comes_to_it():
    pit = Pit()
    pit.market.set(1, 99, 101)
    order, events = pit.send("BUY", 10, "LMT", limit=100)
    assert statuses(events, order) == ["Submitted"]
    pit.market.set(1, 99, "100.5")
    assert pit.later() == []
    pit.market.set(1, 98, "99.5")
    assert prints(pit.later()) == [(D(10), D(100))]


def test_clients_trade_with_each_other_at_the_resting_price():
    pit = Pit()
    pit.market.set(1, 90, 110)
    first, _ = pit.send("SELL", 10, "LMT", limit=105)
    second, _ = pit.send("SELL", 10, "LMT", limit=104)
    _, events = pit.send("BUY", 15, "LMT", limit=106, account="DU1000002")
    assert prints(events) == [(D(10), D(104)), (D(10), D(104)), (D(5), D(105)), (D(5), D(105))]
    assert second.status == "Filled"
    assert first.filled == 5


def test_an_earlier_order_at_the_same_price_is_served_first():
    pit = Pit()
    pit.market.set(1, 90, 110)
    first, _ = pit.send("SELL", 10, "LMT", limit=105)
    second, _ = pit.send("SELL", 10, "LMT", limit=105)
    pit.send("BUY", 12, account="DU1000002")
    assert (first.filled, second.filled) == (10, 2)


def test_a_cancelled_order_cannot_be_cancelled_again():
    pit = Pit()
    pit.market.set(1, 99, 101)
    order, _ = pit.send("BUY", 10, "LMT", limit=98)
    assert statuses(pit.cancel(order), order) == ["Cancelled"]
    assert kinds(pit.cancel(order)) == ["CancelRefused"]


def test_an_order_for_a_closed_market_waits_with_a_warning():
    pit = Pit()
    pit.market.set(1, 99, 101)
    pit.now = at("02:00")
    order, events = pit.send("BUY", 10)
    assert kinds(events) == ["Accepted", "StatusChanged", "Warned"]
    assert order.status == "PreSubmitted"
    assert "2026-03-03 09:30:00 US/Eastern" in events[-1].text
