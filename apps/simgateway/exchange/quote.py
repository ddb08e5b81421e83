"""What the market shows of one instrument at one instant."""

from dataclasses import dataclass
from decimal import Decimal

from apps.simgateway.exchange.instant import Instant

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """Prices in tick units; None is "no price", never a number."""

    at: Instant
    bid: Decimal | None = None
    ask: Decimal | None = None
    bid_size: Decimal = ZERO
    ask_size: Decimal = ZERO
    last: Decimal | None = None
    last_size: Decimal = ZERO
    volume: Decimal = ZERO  # since the open of the session
    open: Decimal | None = None
    high: Decimal | None = None
    low: Decimal | None = None
    close: Decimal | None = None  # the previous session's
    halted: bool = False

    @property
    def mid(self) -> Decimal | None:
        if self.bid is None or self.ask is None:
            return None
        return (self.bid + self.ask) / 2

    @property
    def reference(self) -> Decimal | None:
        """The best single price there is: mid, else last, else the previous close."""
        return self.mid if self.mid is not None else self.last if self.last is not None else self.close


@dataclass(frozen=True, slots=True, kw_only=True)
class Greeks:
    """An option's model values per share of the underlying, for the price it was computed from."""

    price: float
    iv: float
    delta: float
    gamma: float
    vega: float  # for one percentage point of volatility
    theta: float  # for one day
    dividends: float
    under_price: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One historical bar; `at` is its start."""

    at: Instant
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: Decimal
    wap: Decimal
    count: int
