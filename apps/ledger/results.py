"""Reads of what was earned: over any span of days, by strategy, contract, currency or cause."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Literal

from django.db.models import Count, Sum, Value
from django.db.models.functions import Coalesce, NullIf

from apps.desks.models import Strategy
from apps.ledger.dayreading import Reading, total_of
from apps.ledger.models import BookDay, DayResult, NavSnapshot, ResultPart
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


def spans_until(account_id: int, day: date) -> tuple[tuple[str, date], ...]:
    """The day, the month, the year, and all there is; each with its first day."""
    since = first_day(account_id) or day
    return (
        ("Day", day),
        ("Month", day.replace(day=1)),
        ("Year", day.replace(month=1, day=1)),
        ("Since start", since),
    )


def periods(account_id: int, day: date) -> list[Period]:
    """As they are kept."""
    spans = spans_until(account_id, day)
    return [Period(title, first, earned(account_id, first, day, by="cause")) for title, first in spans]


def earned_until(reading: Reading, first: date, *, by: By) -> dict[str, Decimal | None]:
    """From the first day up to the moment of the reading: the kept days before it, and the reading."""
    facts = reading.facts
    if first == facts.day:
        return earned_in(reading, by=by)
    kept = earned(facts.account.pk, first, facts.day - timedelta(days=1), by=by)
    return added(kept, earned_in(reading, by=by))


def earned_in(reading: Reading, *, by: By) -> dict[str, Decimal | None]:
    """What each key earned on the day of the reading."""
    symbols = {row.con_id: row.symbol for row in reading.facts.contracts.values()}
    whose = {part.strategy for part in reading.earned if part.strategy} if by == "strategy" else set()
    rows = Strategy.objects.filter(pk__in=whose) if whose else ()
    called = {row.pk: row.title or row.name for row in rows}
    found: dict[str, Decimal | None] = {}
    for part in reading.earned:
        key = {
            "cause": part.why.value,
            "strategy": called.get(part.strategy or 0, ""),
            "contract": symbols.get(part.con_id or 0, ""),
            "currency": part.currency,
        }[by]
        found = added(found, {key: part.amount})
    return found


def from_outside_in(reading: Reading) -> dict[str, Decimal | None]:
    found: dict[str, Decimal | None] = {}
    for part in reading.books.parts:
        if part.why.value not in EARNED:
            found = added(found, {part.why.value: part.amount})
    return found


def added(one: dict[str, Decimal | None], other: dict[str, Decimal | None]) -> dict[str, Decimal | None]:
    """Key by key; one unknown part makes the sum unknown."""
    return {key: total_of((one.get(key, ZERO), other.get(key, ZERO))) for key in {**one, **other}}


def day_change(account_id: int, day: date, *, since: datetime) -> Decimal | None:
    """The day's result in percent of the worth it began with; None if unknown or older."""
    row = book_day_of(account_id, day)
    if row is None or row.changed_at < since or row.opening is None or row.opening <= 0:
        return None
    rows = DayResult.objects.filter(account_id=account_id, trading_day=day)
    net = total_of(rows.values_list("net", flat=True))
    return None if net is None else 100 * net / row.opening


def first_day(account_id: int) -> date | None:
    days = BookDay.objects.filter(account_id=account_id).order_by("trading_day")
    return days.values_list("trading_day", flat=True).first()


def book_day_of(account_id: int, day: date) -> BookDay | None:
    return BookDay.objects.filter(account_id=account_id, trading_day=day).first()


def is_provisional(account_id: int, day: date) -> bool:
    """Whether something of the day is still missing."""
    row = book_day_of(account_id, day)
    return row is not None and row.provisional


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
