"""What only the control door may do."""

from decimal import Decimal

import pytest

from apps.simgateway.exchange.events import Execution, Refused
from apps.simgateway.exchange.order import Leg
from tests.simgateway.trading.floorplan import ACCOUNT, Pit, option, prints, statuses, stock

D = Decimal


def ready():
    pit = Pit(stock(), option(2, 100, "P"), option(3, 95, "P"))
    pit.market.set(1, 99, 101, last=100)
    pit.market.set(2, 3, 3)
    pit.market.set(3, 1, 1)
    return pit


def last_print(events):
    return [e for e in events if isinstance(e, Execution)][-1]


def test_an_order_is_filled_at_any_price():
    pit = ready()
    order, _ = pit.send("BUY", 10, "LMT", limit=90)
    assert prints(pit.venue.door.fill(order.perm_id, D(4), D("89.5"), now=pit.now)) == [(D(4), D("89.5"))]
    assert order.status == "Submitted"
    events = pit.venue.door.fill(order.perm_id, D(6), D(90), now=pit.now)
    assert statuses(events, order) == ["Filled"]
    with pytest.raises(LookupError, match="no working order"):
        pit.venue.door.fill(order.perm_id, D(1), D(90), now=pit.now)


def test_a_combo_is_filled_at_any_net_price():
    pit = ready()
    legs = (Leg(con_id=2, ratio=1, side="SELL"), Leg(con_id=3, ratio=1, side="BUY"))
    order, _ = pit.send("BUY", 5, "LMT", limit="-2.50", con_id=0, legs=legs)
    events = pit.venue.door.fill(order.perm_id, D(2), D("-2.50"), now=pit.now)
    prices = {e.con_id: e.price for e in events if isinstance(e, Execution)}
    assert prices[0] == prices[3] - prices[2] == D("-2.50")
    assert order.filled == 2


def test_a_correction_restates_the_print_and_the_books():
    pit = ready()
    order, events = pit.send("BUY", 10)
    first = last_print(events)
    corrected = last_print(pit.venue.door.correct(first.exec_id, price=D(100), now=pit.now))
    assert first.exec_id.endswith(".01.01")
    assert corrected.exec_id == first.exec_id[:-1] + "2"
    assert corrected.corrects == first.exec_id
    assert order.average_price == 100
    assert pit.accounts.executions() == [corrected]
    assert pit.accounts.account(ACCOUNT).cash["USD"] == 1_000_000 - 1000 - D("1.00003")
    assert pit.accounts.account(ACCOUNT).positions[1].cost == D("1001.00003")


def test_a_correction_before_a_sale_changes_the_sales_result():
    pit = ready()
    first = last_print(pit.send("BUY", 10)[1])
    sale = last_print(pit.send("SELL", 10)[1])
    before = pit.accounts.commission_of(sale.exec_id).realized
    pit.venue.door.correct(first.exec_id, price=D(100), now=pit.now)
    assert pit.accounts.commission_of(sale.exec_id).realized == before + 10


def test_a_bust_takes_the_print_back():
    pit = ready()
    order, events = pit.send("BUY", 10)
    pit.venue.door.bust(last_print(events).exec_id, now=pit.now)
    assert pit.held() == 0
    assert pit.accounts.account(ACCOUNT).cash["USD"] == 1_000_000
    assert pit.accounts.executions() == []
    assert order.filled == 0


def test_a_foreign_execution_moves_the_position_of_nobodys_order():
    pit = ready()
    events = pit.venue.door.foreign_execution(ACCOUNT, 1, side="SELL", shares=D(7), price=D(99), now=pit.now)
    assert last_print(events).perm_id == 0
    assert pit.held() == -7


def test_a_liquidation_closes_the_position_at_the_market():
    pit = ready()
    pit.send("BUY", 10)
    events = pit.venue.door.liquidate(ACCOUNT, 1, now=pit.now)
    assert last_print(events).liquidation
    assert prints(events) == [(D(10), D(99))]
    assert pit.held() == 0
    with pytest.raises(LookupError, match="holds nothing"):
        pit.venue.door.liquidate(ACCOUNT, 1, now=pit.now)


def test_a_working_order_can_be_rejected_or_discarded():
    pit = ready()
    first, _ = pit.send("BUY", 10, "LMT", limit=90)
    second, _ = pit.send("BUY", 10, "LMT", limit=90)
    events = pit.venue.door.reject(first.perm_id, 201, "Order rejected - reason:by hand", now=pit.now)
    assert [e.text for e in events if isinstance(e, Refused)] == ["Order rejected - reason:by hand"]
    events = pit.venue.door.discard(second.perm_id, now=pit.now)
    assert events[0].reason == "Order was discarded."
    assert (first.status, second.status) == ("Inactive", "Cancelled")


def test_located_shares_let_a_short_sale_go():
    pit = Pit(stock(shortable_shares=0))
    pit.market.set(1, 99, 101)
    order, _ = pit.send("SELL", 10)
    assert prints(pit.venue.door.locate(order.perm_id, now=pit.now)) == [(D(10), D(99))]
