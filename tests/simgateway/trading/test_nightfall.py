"""What the turn of the day does to contracts that have ended."""

from decimal import Decimal

from apps.simgateway.exchange.rules import Rules
from tests.simgateway.trading.floorplan import ACCOUNT, Pit, at, future, option, stock

D = Decimal


def ready():
    rules = Rules(margin_checks=False)
    pit = Pit(stock(), option(2, 100, "C"), option(3, 100, "P"), future(5), rules=rules)
    pit.market.set(1, 107, 107, last=107)
    pit.market.set(2, 8, 8)
    pit.market.set(3, 1, 1)
    pit.market.set(5, 6000, 6000)
    pit.market.auctions = {(1, "close"): D(110), (5, "close"): D(6010)}
    return pit


def test_an_option_in_the_money_delivers_its_shares():
    pit = ready()
    pit.send("BUY", 2, con_id=2)
    cash = pit.accounts.account(ACCOUNT).cash["USD"]
    pit.until("2026-03-21 05:00:00")
    assert (pit.held(2), pit.held(1)) == (0, 200)
    assert pit.accounts.account(ACCOUNT).cash["USD"] == cash - 200 * 100


def test_a_short_option_out_of_the_money_ends_for_nothing():
    pit = ready()
    pit.send("SELL", 1, con_id=3)
    cash = pit.accounts.account(ACCOUNT).cash["USD"]
    pit.until("2026-03-21 05:00:00")
    assert (pit.held(3), pit.held(1)) == (0, 0)
    assert pit.accounts.account(ACCOUNT).cash["USD"] == cash


def test_a_future_is_settled_in_money():
    pit = ready()
    pit.send("SELL", 1, con_id=5)
    cash = pit.accounts.account(ACCOUNT).cash["USD"]
    pit.until("2026-03-21 05:00:00")
    assert pit.held(5) == 0
    assert pit.accounts.account(ACCOUNT).cash["USD"] == cash - 500


def test_orders_for_a_contract_that_ended_are_cancelled():
    pit = ready()
    pit.now = at("2026-03-20 20:59:00")
    order, _ = pit.send("BUY", 1, "LMT", limit=2, con_id=2, tif="GTC")
    pit.until("2026-03-20 23:00:00")
    assert order.status == "PreSubmitted"
    pit.until("2026-03-21 05:00:00")
    assert order.status == "Cancelled"
