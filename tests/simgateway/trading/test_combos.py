"""Orders for several legs at one net price."""

from decimal import Decimal

from apps.simgateway.exchange.events import Execution
from tests.simgateway.trading.floorplan import Pit, leg, option, statuses, stock

D = Decimal


def spread_pit(size=100):
    pit = Pit(stock(), option(2, 100, "P"), option(3, 95, "P"))
    pit.market.set(1, 99, 101, last=100)
    pit.market.set(2, "3.00", "3.20", size=size)
    pit.market.set(3, "1.50", "1.70", size=size)
    return pit


LEGS = (leg(2, "SELL"), leg(3, "BUY"))  # natural: 1.70 - 3.00 = -1.30, mid -1.50


def executed(events):
    return [(e.con_id, e.side, e.shares, e.price) for e in events if isinstance(e, Execution)]


def test_a_combo_prints_itself_and_each_leg():
    pit = spread_pit()
    order, events = pit.send("BUY", 2, "MKT", con_id=0, legs=LEGS)
    assert executed(events) == [
        (0, "BOT", D(2), D("-1.30")),
        (2, "SLD", D(2), D("3.00")),
        (3, "BOT", D(2), D("1.70")),
    ]
    assert (order.status, order.filled, order.average_price) == ("Filled", 2, D("-1.30"))
    assert (pit.held(2), pit.held(3)) == (-2, 2)


def test_a_combo_inside_the_spread_waits_at_mid_and_trades_halfway():
    pit = spread_pit()
    order, events = pit.send("BUY", 2, "LMT", limit="-1.50", con_id=0, legs=LEGS)
    assert executed(events) == []
    events = pit.modify(order, limit="-1.40")
    assert executed(events)[0] == (0, "BOT", D(2), D("-1.40"))
    legs = {con_id: price for con_id, _, _, price in executed(events)}
    assert legs[3] - legs[2] == D("-1.40")


def test_a_sold_combo_turns_its_legs_around():
    pit = spread_pit()
    _, events = pit.send("SELL", 1, "LMT", limit="-1.70", con_id=0, legs=LEGS)
    assert executed(events) == [
        (0, "SLD", D(1), D("-1.70")),
        (2, "BOT", D(1), D("3.20")),
        (3, "SLD", D(1), D("1.50")),
    ]


def test_a_guaranteed_combo_fills_whole_units_only():
    pit = spread_pit(size=3)
    legs = (leg(2, "SELL", ratio=2), leg(3, "BUY", ratio=1))
    order, _ = pit.send("BUY", 3, "MKT", con_id=0, legs=legs)
    assert order.filled == 1
    assert order.leg_filled == {2: 2, 3: 1}


def test_the_legs_of_a_combo_that_is_not_guaranteed_fill_one_after_the_other():
    pit = spread_pit()
    order, events = pit.send("BUY", 2, "MKT", con_id=0, legs=LEGS, guaranteed=False)
    assert [x[0] for x in executed(events)] == [2]
    assert (order.filled, order.status, pit.held(2)) == (0, "Submitted", -2)
    pit.market.set(3, "1.60", "1.80")
    events = pit.later()
    assert executed(events) == [(3, "BOT", D(2), D("1.80")), (0, "BOT", D(2), D("-1.20"))]
    assert statuses(events, order) == ["Filled"]


def test_prices_for_each_leg_must_all_be_met():
    pit = spread_pit()
    legs = (leg(2, "SELL", price="3.00"), leg(3, "BUY", price="1.60"))
    _order, events = pit.send("BUY", 1, "LMT", con_id=0, legs=legs)
    assert executed(events) == []
    pit.market.set(3, "1.40", "1.60")
    assert len(executed(pit.later())) == 3


def test_a_combo_waits_while_a_leg_has_no_quote():
    pit = spread_pit()
    pit.market.set(3)
    order, events = pit.send("BUY", 1, "MKT", con_id=0, legs=LEGS)
    assert (executed(events), order.status) == ([], "Submitted")
