"""No price, no order: a quote is used only when nothing is wrong with it.

The gateway says "no value" in many ways: NaN, 0, -1, and -100 where prices are in pence. All of
them are at or below zero or not a number, so one rule refuses them all. Comparisons are never made
with NaN, since every one of them would quietly be false.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import IntEnum

from tradingdesk.domain.money import Reason, Side


class DataType(IntEnum):
    """The broker's four kinds of market data."""

    LIVE = 1
    FROZEN = 2
    DELAYED = 3
    DELAYED_FROZEN = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """The market as last heard; every price may be missing."""

    bid: Decimal | None
    ask: Decimal | None
    at: datetime
    last: Decimal | None = None
    close: Decimal | None = None
    bid_size: Decimal | None = None
    ask_size: Decimal | None = None
    volume: Decimal | None = None
    halted: bool = False
    data_type: DataType = DataType.LIVE

    @property
    def mid(self) -> Decimal:
        """Halfway between the sides; only meaningful after quote_problem() said None."""
        if self.bid is None or self.ask is None:
            raise ValueError("a one-sided quote has no middle")
        return (self.bid + self.ask) / 2

    def touch(self, side: Side) -> Decimal | None:
        """The price at which an order of this side would trade at once."""
        return self.ask if side is Side.BUY else self.bid


@dataclass(frozen=True, slots=True, kw_only=True)
class QuoteLimits:
    """How old and how wild a quote may be."""

    max_age: timedelta = timedelta(seconds=5)
    max_ahead: timedelta = timedelta(seconds=2)
    max_jump_pct: Decimal = Decimal(10)
    live_only: bool = True
    locked_allowed: bool = False


def quote_problem(
    quote: Quote | None, now: datetime, limits: QuoteLimits, *, previous_mid: Decimal | None = None
) -> Reason | None:
    """The first thing wrong with the quote, or None when an order may be priced from it."""
    if quote is None:
        return Reason("QUOTE_MISSING", "no quote has been received")
    return (
        _price_problem(quote, limits)
        or _source_problem(quote, limits)
        or _age_problem(quote, now, limits)
        or _jump_problem(quote, limits, previous_mid)
    )


def usable_price(price: Decimal | None) -> bool:
    """A finite price above zero."""
    return price is not None and price.is_finite() and price > 0


def _price_problem(quote: Quote, limits: QuoteLimits) -> Reason | None:
    if quote.bid is None or quote.ask is None:
        return Reason("QUOTE_MISSING", "one side of the quote is missing")
    if not (usable_price(quote.bid) and usable_price(quote.ask)):
        return Reason("QUOTE_NOT_A_NUMBER", f"bid {quote.bid}, ask {quote.ask}")
    if quote.bid > quote.ask:
        return Reason("QUOTE_CROSSED", f"bid {quote.bid} above ask {quote.ask}")
    if quote.bid == quote.ask and not limits.locked_allowed:
        return Reason("QUOTE_LOCKED", f"bid and ask are both {quote.bid}")
    return None


def _source_problem(quote: Quote, limits: QuoteLimits) -> Reason | None:
    if quote.halted:
        return Reason("QUOTE_HALTED", "trading is halted")
    if limits.live_only and quote.data_type is not DataType.LIVE:
        return Reason("QUOTE_NOT_LIVE", f"the data is {quote.data_type.name.lower().replace('_', ' ')}")
    return None


def _age_problem(quote: Quote, now: datetime, limits: QuoteLimits) -> Reason | None:
    age = now - quote.at
    if age > limits.max_age:
        return Reason(
            "QUOTE_STALE", f"{age.total_seconds():.1f} s old, limit {limits.max_age.total_seconds():g} s"
        )
    if -age > limits.max_ahead:
        return Reason("QUOTE_AHEAD", f"dated {-age.total_seconds():.1f} s ahead of the desk's clock")
    return None


def _jump_problem(quote: Quote, limits: QuoteLimits, previous_mid: Decimal | None) -> Reason | None:
    for name, anchor in (
        ("the market of half a minute before", previous_mid),
        ("the last trade", quote.last),
    ):
        if anchor is None or not usable_price(anchor):
            continue
        moved = abs(quote.mid - anchor) / anchor * 100
        if moved > limits.max_jump_pct:
            return Reason("QUOTE_JUMPED", f"{moved:.1f} % from {name}, limit {limits.max_jump_pct} %")
    return None
