"""Keep what a source says a currency is worth: one row for each day, so that the day's last word stays."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from apps.market.models import FxRate
from apps.market.ports import GATEWAY, desk_day


@dataclass(frozen=True, slots=True, kw_only=True)
class RateTold:
    """One unit of a currency in a base, as somebody said at a moment."""

    base: str
    currency: str
    value: Decimal
    at: datetime
    source: str = GATEWAY


def save_rates(told: Iterable[RateTold]) -> int:
    """One statement; no journal line, since a rate is not an act. What is no rate is not kept."""
    rows = {
        (one.base, one.currency, one.source, desk_day(one.at)): FxRate(
            base=one.base,
            currency=one.currency,
            source=one.source,
            day=desk_day(one.at),
            value=one.value,
            at=one.at,
        )
        for one in sorted(told, key=lambda one: one.at)
        if one.value.is_finite() and one.value > 0 and one.base != one.currency and len(one.currency) == 3
    }
    FxRate.objects.bulk_create(
        rows.values(),
        update_conflicts=True,
        unique_fields=["base", "currency", "source", "day"],
        update_fields=["value", "at"],
    )
    return len(rows)
