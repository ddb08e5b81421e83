"""What the trading side needs of the market side, and nothing more."""

from datetime import date
from decimal import Decimal
from typing import Protocol

from apps.simgateway.exchange.instant import Instant
from apps.simgateway.exchange.instrument import Instrument
from apps.simgateway.exchange.quote import Quote
from apps.simgateway.exchange.ticks import MarketRule


class SessionTimes(Protocol):
    """When one session opens and closes."""

    @property
    def open(self) -> Instant: ...

    @property
    def close(self) -> Instant: ...

    @property
    def post(self) -> Instant: ...


class Listing(Protocol):
    """Where instruments are looked up."""

    def by_con_id(self, con_id: int) -> Instrument | None: ...

    def listed(self) -> list[Instrument]: ...

    def rule_for(self, instrument: Instrument, exchange: str = "") -> MarketRule: ...


class Prices(Protocol):
    """What instruments quote."""

    def quote(self, con_id: int, now: Instant) -> Quote: ...

    def next_change(self, con_id: int, now: Instant) -> Instant: ...

    def auction_price(self, con_id: int, day: date, kind: str) -> Decimal | None: ...


class Hours(Protocol):
    """When exchanges trade."""

    def session(self, hours: str, day: date) -> SessionTimes | None: ...

    def state(self, hours: str, now: Instant) -> str: ...

    def next_open(self, hours: str, now: Instant) -> Instant: ...

    def trading_day(self, hours: str, now: Instant) -> date: ...

    def next_edge(self, hours: str, now: Instant) -> Instant: ...

    def zone_id(self, hours: str) -> str: ...

    def auction(self, primary_exchange: str, day: date, which: str) -> Instant | None: ...

    def cutoff(self, primary_exchange: str, order_kind: str, day: date) -> Instant | None: ...
