"""What the broker says is traded. The desk asks; it never guesses a multiplier or a unit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from tradingdesk.domain.market.ticks import TickStep
from tradingdesk.domain.money import Money

# what may not change under a contract that is traded: the money in its price, and where its prices may lie
_MASTER_FIELDS = ("sec_type", "currency", "multiplier", "price_magnifier", "min_tick")


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """One tradable contract by the broker's own number."""

    con_id: int
    symbol: str
    sec_type: str = "STK"
    currency: str = "USD"
    exchange: str = "SMART"
    primary_exchange: str = ""
    local_symbol: str = ""
    trading_class: str = ""
    multiplier: Decimal = Decimal(1)
    price_magnifier: int = 1
    tick_steps: tuple[TickStep, ...] = (TickStep(Decimal(0), Decimal("0.01")),)
    size_limit: Decimal | None = None
    time_zone: str = "America/New_York"
    expiry: date | None = None
    strike: Decimal | None = None
    right: str = ""

    @property
    def money_per_point(self) -> Decimal:
        """Money for one unit at one point of the quoted price: the multiplier, less the unit of the quote."""
        return self.multiplier / self.price_magnifier

    def notional(self, quantity: Decimal, price: Decimal) -> Money:
        """What that many units at that quoted price are worth in the contract's currency."""
        return Money(abs(quantity * price) * self.multiplier / self.price_magnifier, self.currency)


def changed_fields(kept: Mapping[str, Any], told: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Which fields of the instrument master the broker tells otherwise: what was kept, what is told."""
    return {
        name: (kept[name], told[name])
        for name in _MASTER_FIELDS
        if name in kept and name in told and kept[name] != told[name]
    }
