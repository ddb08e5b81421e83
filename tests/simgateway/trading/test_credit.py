"""Margins, previews, and orders that an account cannot carry."""

from decimal import Decimal

from apps.simgateway.exchange.credit import Preview
from apps.simgateway.exchange.events import Refused
from tests.simgateway.trading.floorplan import ACCOUNT, SECOND, Pit, future, leg, option, stock

D = Decimal


def pit_with_options(cash=1_000_000):
    pit = Pit(stock(), option(2, 100, "P"), option(3, 95, "P"), option(4, 105, "C"), future(5), cash=cash)
    pit.market.set(1, 100, 100, last=100)
    pit.market.set(2, 3, 3)
    pit.market.set(3, 1, 1)
    pit.market.set(4, 2, 2)
    pit.market.set(5, 6000, 6000)
    return pit


def value(pit, tag):
    rows = pit.accounts.values(ACCOUNT, pit.now)
    return next(D(row.value) for row in rows if row.tag == tag)


def preview(pit, side, quantity, order_type="MKT", **more):
    found = pit.venue.preview(pit.order(side, quantity, order_type, **more), pit.now)
    assert isinstance(found, Preview)
    return found


def test_a_preview_tells_margins_and_leaves_nothing():
    pit = pit_with_options()
    found = preview(pit, "BUY", 100)
    assert (found.initial.before, found.initial.after, found.initial.change) == (0, 5000, 5000)
    assert found.maintenance.after == 2500
    assert found.equity.change == -found.commission == D("-1.0003")
    assert (found.min_commission, found.commission_currency, found.margin_currency) == (None, "USD", "USD")
    assert pit.venue.working() == []
    assert pit.accounts.executions() == []


def test_what_a_preview_says_is_what_comes_about():
    pit = pit_with_options()
    found = preview(pit, "BUY", 100)
    pit.send("BUY", 100)
    assert value(pit, "InitMarginReq") == found.initial.after
    assert value(pit, "MaintMarginReq") == found.maintenance.after
    assert value(pit, "EquityWithLoanValue") == round(found.equity.after, 2)


def test_a_credit_spread_needs_its_largest_loss():
    pit = pit_with_options()
    legs = (leg(2, "SELL"), leg(3, "BUY"))
    found = preview(pit, "BUY", 2, "LMT", limit="-2.00", con_id=0, legs=legs)
    assert found.initial.change == 2 * 500
    assert found.equity.change == 400 - found.max_commission
    assert found.commission is None
    assert 0 < found.min_commission < found.max_commission


def test_a_naked_short_needs_more_than_a_spread():
    pit = pit_with_options()
    assert preview(pit, "SELL", 1, con_id=2).initial.change == 300 + 20 * 100


def test_a_covered_call_needs_nothing_more():
    pit = pit_with_options()
    pit.send("BUY", 100)
    assert preview(pit, "SELL", 1, con_id=4).initial.change == 0
    assert preview(pit, "SELL", 2, con_id=4).initial.change > 0


def test_a_future_needs_its_products_margin():
    pit = pit_with_options()
    assert preview(pit, "BUY", 2, con_id=5).initial.change == 47_000


def test_an_order_too_large_for_the_account_is_rejected():
    pit = pit_with_options(cash=10_000)
    assert "EXCEED THE INITIAL MARGIN" in preview(pit, "BUY", 300).warning
    order, events = pit.send("BUY", 300)
    assert [(e.code, e.inactive) for e in events if isinstance(e, Refused)] == [(201, True)]
    assert (
        "EQUITY WITH LOAN VALUE [10000.00 USD] MUST EXCEED THE INITIAL MARGIN [15000.00 USD]"
        in events[0].text
    )
    assert order.status == "Inactive"
    assert pit.send("BUY", 190)[0].status == "Filled"


def test_a_position_can_be_closed_when_the_account_has_no_room():
    pit = pit_with_options(cash=10_000)
    pit.send("BUY", 190)
    pit.market.set(1, 60, 60, last=60)
    pit.later(SECOND)
    assert pit.send("BUY", 100)[0].status == "Inactive"
    assert pit.send("SELL", 190)[0].status == "Filled"


def test_many_orders_in_one_second_cannot_together_exceed_the_account():
    pit = pit_with_options(cash=10_000)
    done = [pit.send("BUY", 10)[0].status for _ in range(40)]
    assert 18 <= done.count("Filled") <= 20


def test_a_cash_account_pays_in_full_and_does_not_sell_short():
    pit = pit_with_options(cash=10_000)
    pit.accounts.account(ACCOUNT).margin = False
    assert pit.send("BUY", 110)[0].status == "Inactive"
    assert pit.send("BUY", 90)[0].status == "Filled"
    assert pit.send("SELL", 100)[0].status == "Inactive"


def test_a_preview_of_a_wrong_order_says_what_is_wrong():
    pit = pit_with_options()
    found = pit.venue.preview(pit.order("BUY", 1, "LMT", limit="1.001"), pit.now)
    assert isinstance(found, Refused)
    assert found.code == 110
