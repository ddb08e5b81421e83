"""The same venue on the market, catalogue and sessions that the simulator runs with."""

from datetime import date
from decimal import Decimal

import pytest

from apps.simgateway.data.loading import load_market, read
from apps.simgateway.exchange.accountfile import accounts_from
from apps.simgateway.exchange.accounts import Accounts
from apps.simgateway.exchange.catalogue import Query
from apps.simgateway.exchange.credit import Preview
from apps.simgateway.exchange.events import Execution
from apps.simgateway.exchange.order import Order
from apps.simgateway.exchange.venue import Venue
from tests.simgateway.trading.floorplan import MINUTE, SECOND, at, leg, prints, statuses

D = Decimal
AAPL, QQQ = 265598, 320227571
ACCOUNT = "DU1000001"


class Desk:
    """A venue as the simulator builds it, at noon in New York."""

    def __init__(self):
        self.catalogue, self.sessions, self.market = load_market(7)
        books = accounts_from(read("accounts.yaml"), self.catalogue)
        self.accounts = Accounts(self.catalogue, self.market, books)
        self.venue = Venue(self.catalogue, self.market, self.sessions, self.accounts)
        self.now = at("17:00")
        self.perm_id = 100

    def send(self, side, quantity, order_type="MKT", **more):
        self.perm_id += 1
        fields = {"account": ACCOUNT, "con_id": AAPL, **more}
        order = Order(perm_id=self.perm_id, side=side, quantity=D(quantity), order_type=order_type, **fields)
        return order, self.venue.submit(order, self.now)

    def until(self, when):
        self.now = when
        return self.venue.advance(when)

    def put(self, strike):
        day = date(2026, 3, 3)
        query = Query(
            symbol="QQQ", sec_type="OPT", right="P", strike=D(strike), expiry="202603", exchange="SMART"
        )
        return self.catalogue.find(query, day)[-1].con_id


@pytest.fixture
def desk():
    return Desk()


def test_a_market_order_takes_what_is_displayed_until_it_is_full(desk):
    order, events = desk.send("BUY", 3000)
    quote = desk.market.quote(AAPL, desk.now)
    assert prints(events)[0] == (min(D(3000), quote.ask_size), quote.ask)
    desk.until(desk.now + MINUTE)
    assert order.status == "Filled"


def test_resting_orders_are_touched_as_time_passes(desk):
    quote = desk.market.quote(AAPL, desk.now)
    order, _ = desk.send("BUY", 10, "LMT", limit=quote.bid - D("0.05"))
    events = []
    while not order.is_done and desk.now < at("20:00"):
        events += desk.until(desk.venue.next_due(desk.now))
    assert prints(events) == [(D(10), order.limit)]


def test_due_times_are_in_the_future_and_nothing_is_missed_by_a_long_step():
    events = []
    for stride in (SECOND // 2, 40 * MINUTE):
        desk = Desk()
        quote = desk.market.quote(AAPL, desk.now)
        desk.send("BUY", 10, "LMT", limit=quote.bid - D("0.10"))
        desk.send("SELL", 10, "STP", aux=quote.bid - D("0.30"))
        told = []
        while desk.now < at("17:40"):
            assert desk.venue.next_due(desk.now) > desk.now
            told += desk.until(desk.now + stride)
        events.append([e for e in told if isinstance(e, Execution)])
    assert events[0] == events[1] != []


def test_an_order_on_the_close_crosses_at_the_official_price(desk):
    order, _ = desk.send("SELL", 100, "MOC")
    events = desk.until(at("21:01"))
    assert prints(events) == [(D(100), desk.market.auction_price(AAPL, date(2026, 3, 3), "close"))]
    assert order.status == "Filled"


def test_late_orders_on_the_close_are_rejected_by_the_listing_exchange(desk):
    desk.until(at("20:54:59"))
    assert desk.send("SELL", 10, "MOC")[0].status == "Submitted"
    desk.until(at("20:55:01"))
    assert desk.send("SELL", 10, "MOC")[0].status == "Inactive"


def test_a_put_spread_is_previewed_and_filled(desk):
    legs = (leg(desk.put(595), "SELL"), leg(desk.put(590), "BUY"))
    order = Order(
        perm_id=1, account=ACCOUNT, con_id=0, side="BUY", quantity=D(2), order_type="MKT", legs=legs
    )
    found = desk.venue.preview(order, desk.now)
    assert isinstance(found, Preview)
    assert found.initial.change == 1000
    order, events = desk.send("BUY", 2, con_id=0, legs=legs)
    told = [e for e in events if isinstance(e, Execution)]
    assert [e.con_id for e in told] == [0, legs[0].con_id, legs[1].con_id]
    assert order.status == "Filled"
    assert told[0].price == told[2].price - told[1].price < 0


def test_a_price_in_thin_air_is_off_tick_or_killed(desk):
    quote = desk.market.quote(AAPL, desk.now)
    far, events = desk.send("BUY", 1, "LMT", limit=(quote.ask * D("1.05")).quantize(D("0.01")))
    assert statuses(events, far) == ["PreSubmitted", "Cancelled"]
    _, events = desk.send("BUY", 1, "LMT", limit=quote.bid + D("0.001"))
    assert [e.code for e in events] == [110]


def test_every_account_is_worth_what_it_holds(desk):
    for name in desk.accounts.names:
        rows = {(v.tag, v.currency): v.value for v in desk.accounts.values(name, desk.now)}
        base = desk.accounts.account(name).base
        assert D(rows["NetLiquidation", base]) > 0
        by_currency = [
            D(rows["NetLiquidationByCurrency", c]) * D(rows["ExchangeRate", c])
            for c in desk.accounts.account(name).cash
        ]
        assert sum(by_currency) == pytest.approx(D(rows["NetLiquidation", base]), abs=D(2))


def test_a_currency_of_the_account_is_valued_over_the_quoted_pairs(desk):
    rate = desk.accounts.valuer.rates
    there = rate.rate("GBP", "EUR", desk.now) * rate.rate("EUR", "GBP", desk.now)
    assert there == pytest.approx(D(1), abs=D("0.0001"))
    with pytest.raises(LookupError, match="list a currency pair"):
        rate.rate("XXX", "USD", desk.now)
