"""Rates between currencies: each with its moment and its source, none ever made up.

A currency is worth exactly one of itself; every other rate was told by somebody at some time. A rate that
is missing or too old makes the sum that needs it unknown: a silent 1.0 has cost other desks real money.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from tradingdesk.domain.money import Money, Reason

STALE_AFTER = timedelta(hours=24)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """What one unit of a currency was worth in the base currency."""

    currency: str
    value: Decimal
    at: datetime
    source: str = "gateway"


@dataclass(frozen=True, slots=True)
class Converted:
    """An amount in the base currency, and the rate that made it; no rate for the base currency itself."""

    money: Money
    rate: Rate | None = None


class Rates:
    """The newest rate of each currency; the gateway's before a second source's of the same age or younger."""

    def __init__(self, base: str, rates: Iterable[Rate]) -> None:
        self.base = base
        self._rates: dict[str, Rate] = {}
        for rate in rates:
            known = self._rates.get(rate.currency)
            if known is None or _preferred(rate, known):
                self._rates[rate.currency] = rate

    def rate_of(self, currency: str) -> Rate | None:
        return self._rates.get(currency)

    def to_base(self, money: Money, now: datetime) -> Converted | Reason:
        """The amount in base, or why nobody can say."""
        if money.currency == self.base:
            return Converted(money)
        rate = self._rates.get(money.currency)
        if rate is None:
            return Reason("FX_RATE_MISSING", f"nobody has told a rate of {money.currency} in {self.base}")
        if rate.value <= 0:
            return Reason("FX_RATE_IMPOSSIBLE", f"{rate.source} says {rate.value} for {money.currency}")
        if now - rate.at > STALE_AFTER:
            hours = (now - rate.at).total_seconds() / 3600
            return Reason("FX_RATE_STALE", f"{money.currency} in {self.base} is {hours:.1f} h old")
        return Converted(Money(money.amount * rate.value, self.base), rate)


def _preferred(new: Rate, known: Rate) -> bool:
    """A gateway's rate stands until it is stale, however fresh another source's is."""
    if new.source == known.source:
        return new.at > known.at
    gateway, other = (new, known) if new.source == "gateway" else (known, new)
    good = other.at - gateway.at <= STALE_AFTER
    return (new is gateway) == good
