"""Keep what a source says a currency is worth: one row for each day, so that the day's last word stays."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db.models import Min

from apps.market.models import FxRate
from apps.market.ports import GATEWAY, desk_day
from apps.market.queries import priced_day


@dataclass(frozen=True, slots=True, kw_only=True)
class RateTold:
    """One unit of a currency in a base, as somebody said at a moment."""

    base: str
    currency: str
    value: Decimal
    at: datetime
    source: str = GATEWAY


def save_rates(told: Iterable[RateTold]) -> int:
    """What is no rate is not kept. No journal line, since a rate is not an act."""
    rates = [
        one
        for one in sorted(told, key=lambda one: one.at)
        if one.value.is_finite() and one.value > 0 and one.base != one.currency and len(one.currency) == 3
    ]
    days = {at: priced_day(at) for at in {one.at for one in rates}}
    rows = {(*_key(one), days[one.at]): _row(one, days[one.at]) for one in rates}
    _keep_first([one for one in rates if desk_day(one.at) < days[one.at]])
    FxRate.objects.bulk_create(
        rows.values(),
        update_conflicts=True,
        unique_fields=["base", "currency", "source", "day"],
        update_fields=["value", "at"],
    )
    return len(rows)


def _keep_first(early: Sequence[RateTold]) -> None:
    """What counts to a later day is the word of its own day too, where nobody had one before."""
    if not early:
        return
    known = FxRate.objects.filter(base__in={one.base for one in early})
    rows = known.values_list("base", "currency", "source").annotate(Min("day"))
    since = {(base, currency, source): day for base, currency, source, day in rows}
    first = {_key(one): _row(one, desk_day(one.at)) for one in reversed(early)}
    new = [row for key, row in first.items() if since.get(key, date.max) > row.day]
    FxRate.objects.bulk_create(new, ignore_conflicts=True)


def _key(one: RateTold) -> tuple[str, str, str]:
    return one.base, one.currency, one.source


def _row(one: RateTold, day: date) -> FxRate:
    return FxRate(
        base=one.base, currency=one.currency, source=one.source, day=day, value=one.value, at=one.at
    )
