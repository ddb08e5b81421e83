"""Reads of what was earned: over any span of days, by strategy, contract, currency or cause."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from django.db.models import Count, Sum, Value
from django.db.models.functions import Coalesce, NullIf

from apps.ledger.models import BookDay, NavSnapshot, ResultPart
from apps.ledger.ports import EARNED

By = Literal["cause", "strategy", "contract", "currency"]
KEYS: dict[By, str] = {
    "cause": "cause",
    "strategy": "strategy_called",
    "contract": "contract__symbol",
    "currency": "currency",
}
ZERO = Decimal(0)


def earned(account_id: int, first: date, last: date, *, by: By) -> dict[str, Decimal | None]:
    """What each key earned in base from the first day to the last; None while a part of it is unknown.

    An empty key is the account itself: cash, or what no strategy of ours did.
    """
    rows = ResultPart.objects.filter(
        account_id=account_id, trading_day__gte=first, trading_day__lte=last, cause__in=EARNED
    )
    called = Coalesce(NullIf("strategy__title", Value("")), "strategy__name")
    keyed = rows.annotate(strategy_called=called).values_list(KEYS[by]).order_by()
    return _summed(keyed.annotate(total=Sum("amount"), rows=Count("pk"), known=Count("amount")))


def from_outside(account_id: int, first: date, last: date) -> dict[str, Decimal | None]:
    """What was paid in or out and what was adopted, by cause."""
    rows = ResultPart.objects.filter(account_id=account_id, trading_day__gte=first, trading_day__lte=last)
    keyed = rows.exclude(cause__in=EARNED).values_list("cause").order_by()
    return _summed(keyed.annotate(total=Sum("amount"), rows=Count("pk"), known=Count("amount")))


def _summed(rows: Iterable[tuple[str | None, Decimal | None, int, int]]) -> dict[str, Decimal | None]:
    return {key or "": (total or ZERO) if known == count else None for key, total, count, known in rows}


@dataclass(frozen=True, slots=True)
class Period:
    """A span of days that ends today, and what it earned by cause."""

    title: str
    first: date
    parts: dict[str, Decimal | None]

    @property
    def total(self) -> Decimal | None:
        known = [amount for amount in self.parts.values() if amount is not None]
        return sum(known, start=ZERO) if len(known) == len(self.parts) else None


def periods(account_id: int, day: date) -> list[Period]:
    """The day, the month, the year, and all there is."""
    since = first_day(account_id) or day
    spans = (
        ("Day", day),
        ("Month", day.replace(day=1)),
        ("Year", day.replace(month=1, day=1)),
        ("Since start", since),
    )
    return [Period(title, first, earned(account_id, first, day, by="cause")) for title, first in spans]


def first_day(account_id: int) -> date | None:
    days = BookDay.objects.filter(account_id=account_id).order_by("trading_day")
    return days.values_list("trading_day", flat=True).first()


def book_day_of(account_id: int, day: date) -> BookDay | None:
    return BookDay.objects.filter(account_id=account_id, trading_day=day).first()


def restated_days(account_id: int, newest: int = 10) -> list[BookDay]:
    rows = BookDay.objects.filter(account_id=account_id, restated__gt=0)
    return list(rows.order_by("-trading_day")[:newest])


@dataclass(frozen=True, slots=True)
class Drawdown:
    """Below the highest so far, as a share: nought or less. None is unknown."""

    current: Decimal | None = None
    deepest: Decimal | None = None


def drawdown_of(account_id: int) -> Drawdown:
    row = NavSnapshot.objects.filter(account_id=account_id).exclude(growth=None).order_by("-at").first()
    return Drawdown(row.drawdown, row.deepest) if row is not None else Drawdown()


def closing_navs(account_id: int, first: date, last: date) -> Iterator[tuple[date, Decimal | None]]:
    """The worth with which each day ended, as the books know it now."""
    rows = BookDay.objects.filter(account_id=account_id, trading_day__gte=first, trading_day__lte=last)
    yield from rows.order_by("trading_day").values_list("trading_day", "closing")
