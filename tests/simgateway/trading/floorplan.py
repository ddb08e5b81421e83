"""A market that the tests drive by hand, and short ways to hand in orders."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from apps.simgateway.exchange.accounts import Accounts
from apps.simgateway.exchange.events import Event, Execution, StatusChanged
from apps.simgateway.exchange.instant import DAY, HOUR, MINUTE, SECOND, Instant, from_datetime, to_datetime
from apps.simgateway.exchange.instrument import Instrument
from apps.simgateway.exchange.ledgers import Account
from apps.simgateway.exchange.order import Leg, Order
from apps.simgateway.exchange.quote import Quote
from apps.simgateway.exchange.rules import Rules
from apps.simgateway.exchange.ticks import MarketRule
from apps.simgateway.exchange.venue import Venue

D = Decimal
ACCOUNT = "DU1000001"
OTHER = "DU1000002"
STEP = SECOND // 2


def at(text: str) -> Instant:
    """An instant of Tuesday 2026-03-03 (UTC) as hh:mm[:ss], or of the day named before it."""
    if " " not in text:
        text = f"2026-03-03 {text}"
    if text.count(":") == 1:
        text += ":00"
    return from_datetime(datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC))


NOON = at("17:00")  # noon in New York


def stock(con_id: int = 1, symbol: str = "AAA", **more: Any) -> Instrument:
    fields: dict[str, Any] = {
        "con_id": con_id,
        "symbol": symbol,
        "sec_type": "STK",
        "currency": "USD",
        "primary_exchange": "NASDAQ",
        "valid_exchanges": ("SMART", "NASDAQ", "ARCA", "IEX"),
        "market_rule_ids": (26, 26, 26, 26),
        "local_symbol": symbol,
        "trading_class": "NMS",
        "long_name": symbol,
        "hours": "XNYS",
        "order_types": ALL_TYPES,
        "stock_type": "COMMON",
    }
    return Instrument(**{**fields, **more})


ALL_TYPES = (
    "MKT", "LMT", "STP", "STP LMT", "TRAIL", "TRAIL LIMIT", "MIT", "LIT", "MIDPRICE", "MOC", "LOC",
)  # fmt: skip


def option(con_id: int, strike: int, right: str, **more: Any) -> Instrument:
    return stock(
        con_id,
        "AAA",
        sec_type="OPT",
        expiry="20260320",
        strike=D(strike),
        right=right,
        multiplier=D(100),
        under_con_id=1,
        under_symbol="AAA",
        under_sec_type="STK",
        trading_class="AAA",
        local_symbol=f"AAA   260320{right}{strike:05d}000",
        primary_exchange="",
        valid_exchanges=("SMART", "CBOE", "ISE"),
        **more,
    )


def future(con_id: int, **more: Any) -> Instrument:
    return stock(
        con_id,
        "ES",
        sec_type="FUT",
        expiry="20260320",
        multiplier=D(50),
        min_tick=D("0.25"),
        hours="CMES",
        primary_exchange="CME",
        valid_exchanges=("CME",),
        trading_class="ES",
        **more,
    )


class Listed:
    """A catalogue of the instruments given."""

    def __init__(self, *instruments: Instrument) -> None:
        self._by_id = {i.con_id: i for i in instruments}

    def by_con_id(self, con_id: int) -> Instrument | None:
        return self._by_id.get(con_id)

    def listed(self) -> list[Instrument]:
        return list(self._by_id.values())

    def rule_for(self, instrument: Instrument, exchange: str = "") -> MarketRule:
        return MarketRule(1, ((D(0), instrument.min_tick),))


class HandMarket:
    """Quotes stay as the test set them."""

    def __init__(self) -> None:
        self._quotes: dict[int, Quote] = {}
        self.auctions: dict[tuple[int, str], Decimal] = {}

    def set(self, con_id: int, bid: Any = None, ask: Any = None, **more: Any) -> None:
        size, last = D(more.pop("size", 1_000_000)), more.pop("last", None)
        self._quotes[con_id] = Quote(
            at=0,
            bid=None if bid is None else D(str(bid)),
            ask=None if ask is None else D(str(ask)),
            bid_size=size,
            ask_size=size,
            last=None if last is None else D(str(last)),
            **more,
        )

    def quote(self, con_id: int, now: Instant) -> Quote:
        return self._quotes.get(con_id) or Quote(at=0)

    def next_change(self, con_id: int, now: Instant) -> Instant:
        return now - now % STEP + STEP

    def auction_price(self, con_id: int, day: date, kind: str) -> Decimal | None:
        return self.auctions.get((con_id, kind))


class Span:
    def __init__(self, open: Instant, close: Instant, *, pre: Instant, post: Instant) -> None:
        self.open, self.close, self.pre, self.post = open, close, pre, post


class Weekdays:
    """New York winter hours on weekdays: 09:00 to 01:00 UTC with the core from 14:30 to 21:00."""

    def session(self, hours: str, day: date) -> Span | None:
        if day.weekday() > 4:
            return None
        midnight = from_datetime(datetime(day.year, day.month, day.day, tzinfo=UTC))
        if hours == "CMES":
            first, last = midnight - HOUR, midnight + 22 * HOUR
            return Span(first, last, pre=first, post=last)
        open, close = midnight + 14 * HOUR + 30 * MINUTE, midnight + 21 * HOUR
        return Span(open, close, pre=midnight + 9 * HOUR, post=midnight + 25 * HOUR)

    def _at(self, hours: str, now: Instant) -> tuple[date, Span]:
        day = to_datetime(now).date() - timedelta(days=1)
        while (span := self.session(hours, day)) is None or span.post <= now:
            day += timedelta(days=1)
        return day, span

    def state(self, hours: str, now: Instant) -> str:
        _, span = self._at(hours, now)
        if now < span.pre:
            return "closed"
        if now < span.open:
            return "pre"
        return "open" if now < span.close else "post"

    def next_edge(self, hours: str, now: Instant) -> Instant:
        _, span = self._at(hours, now)
        later = [edge for edge in (span.pre, span.open, span.close, span.post) if edge > now]
        return later[0]

    def zone_id(self, hours: str) -> str:
        return "US/Eastern"

    def trading_day(self, hours: str, now: Instant) -> date:
        return self._at(hours, now)[0]

    def auction(self, primary_exchange: str, day: date, which: str) -> Instant | None:
        span = self.session("XNYS", day)
        return span and (span.open if which == "open" else span.close)

    def next_open(self, hours: str, now: Instant) -> Instant:
        day = to_datetime(now).date()
        while True:
            span = self.session(hours, day)
            if span is not None and span.open >= now:
                return span.open
            day += timedelta(days=1)

    def cutoff(self, primary_exchange: str, order_kind: str, day: date) -> Instant | None:
        span = self.session("XNYS", day)
        if span is None:
            return None
        return span.open - 2 * MINUTE if order_kind.startswith("OPG") else span.close - 10 * MINUTE


class Pit:
    """A venue on a hand-driven market, with a clock of its own."""

    def __init__(self, *instruments: Instrument, rules: Rules | None = None, cash: int = 1_000_000) -> None:
        instruments = instruments or (stock(),)
        self.market = HandMarket()
        self.catalogue = Listed(*instruments)
        books = [Account(name=n, cash={"USD": D(cash)}) for n in (ACCOUNT, OTHER)]
        self.accounts = Accounts(self.catalogue, self.market, books)
        self.venue = Venue(self.catalogue, self.market, Weekdays(), self.accounts, rules or Rules())
        self.now = NOON
        self.perm_id = 1000

    def order(self, side: str, quantity: Any, order_type: str = "MKT", **more: Any) -> Order:
        self.perm_id += 1
        for name in ("limit", "aux", "trail_stop", "trail_percent", "limit_offset"):
            if more.get(name) is not None:
                more[name] = D(str(more[name]))
        fields: dict[str, Any] = {"account": ACCOUNT, "con_id": 1, "perm_id": self.perm_id}
        return Order(**{**fields, **more}, side=side, quantity=D(str(quantity)), order_type=order_type)

    def send(
        self, side: str, quantity: Any, order_type: str = "MKT", **more: Any
    ) -> tuple[Order, list[Event]]:
        order = self.order(side, quantity, order_type, **more)
        return order, self.venue.submit(order, self.now)

    def later(self, micros: int = STEP) -> list[Event]:
        self.now += micros
        return self.venue.advance(self.now)

    def until(self, text: str) -> list[Event]:
        self.now = at(text)
        return self.venue.advance(self.now)

    def modify(self, order: Order, **changes: Any) -> list[Event]:
        for name in ("limit", "aux", "quantity", "trail_percent"):
            if name in changes:
                changes[name] = D(str(changes[name]))
        return self.venue.modify(order.perm_id, changes, self.now)

    def cancel(self, order: Order) -> list[Event]:
        return self.venue.cancel(order.perm_id, self.now)

    def held(self, con_id: int = 1, account: str = ACCOUNT) -> Decimal:
        found = self.accounts.account(account)
        assert found is not None
        return found.quantity(con_id)


def kinds(events: list[Event]) -> list[str]:
    return [type(e).__name__ for e in events]


def prints(events: list[Event]) -> list[tuple[Decimal, Decimal]]:
    return [(e.shares, e.price) for e in events if isinstance(e, Execution)]


def statuses(events: list[Event], order: Order) -> list[str]:
    return [e.status for e in events if isinstance(e, StatusChanged) and e.perm_id == order.perm_id]


def leg(con_id: int, side: str = "BUY", ratio: int = 1, price: Any = None) -> Leg:
    return Leg(con_id=con_id, side=side, ratio=ratio, price=None if price is None else D(str(price)))


__all__ = ["DAY", "HOUR", "MINUTE", "SECOND"]
