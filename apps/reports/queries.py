"""Reads of reports. Histories read the small summaries of the newest versions; a page reads one content."""

import hashlib
import json
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Count, Q, QuerySet, Sum

from apps.desks.models import Account
from apps.ledger.dayreading import total_of
from apps.ledger.models import BookDay
from apps.ledger.results import earned
from apps.reports.models import DayReport, SignOff, TradeRow
from apps.reports.ports import span_of


def newest_report(account_id: int, day: date) -> DayReport | None:
    rows = DayReport.objects.filter(account_id=account_id, trading_day=day, closed=True)
    return rows.select_related("account").order_by("-version").first()


def told_between(account_id: int, day: date, now: datetime) -> tuple[datetime, datetime]:
    """What happens between two reports belongs to the later one: nothing is told twice and nothing never.

    From the moment of the report before, or from the day's midnight, to this one's own first version.
    """
    first = DayReport.objects.filter(account_id=account_id, version=1, closed=True)
    before = first.filter(trading_day__lt=day).order_by("-trading_day").first()
    own = first.filter(trading_day=day).first()
    return before.made_at if before else span_of(day)[0], own.made_at if own else now


def report_of(account_id: int, day: date, version: int | None = None) -> DayReport | None:
    """One version, or the newest."""
    if version is None:
        return newest_report(account_id, day)
    rows = DayReport.objects.filter(account_id=account_id, trading_day=day, version=version, closed=True)
    return rows.select_related("account").first()


def standing_reports(account_id: int) -> QuerySet[DayReport]:
    """The newest version of each day, oldest day first, without the long content."""
    rows = DayReport.objects.filter(account_id=account_id, closed=True, superseded_by=None)
    return rows.defer("content").order_by("trading_day")


def digest_of(report: DayReport) -> str:
    """SHA-256 over what the database holds of a report: anybody can take it again."""
    tables: list[QuerySet[Any]] = [report.trades.order_by("number"), report.executions.order_by("ticket_key")]
    rows = [
        [
            {name: value for name, value in row.items() if name not in ("id", "report_id")}
            for row in one.values()
        ]
        for one in tables
    ]
    whole = [str(report.trading_day), report.version, report.summary, report.content, *rows]
    text = json.dumps(whole, sort_keys=True, separators=(",", ":"), cls=DjangoJSONEncoder)
    return hashlib.sha256(text.encode()).hexdigest()


def neighbours(account_id: int, day: date) -> tuple[date | None, date | None]:
    """The days before and after that have a report."""
    rows = DayReport.objects.filter(account_id=account_id, closed=True)
    before = rows.filter(trading_day__lt=day).order_by("-trading_day").values_list("trading_day", flat=True)
    after = rows.filter(trading_day__gt=day).order_by("trading_day").values_list("trading_day", flat=True)
    return before.first(), after.first()


def versions_of(account_id: int, day: date) -> list[DayReport]:
    """All of a day, the newest first, without their contents."""
    rows = DayReport.objects.filter(account_id=account_id, trading_day=day, closed=True)
    return list(rows.defer("content", "summary").order_by("-version"))


@dataclass(frozen=True, slots=True)
class Told:
    """What a history shows of one session."""

    day: date
    version: int
    made_at: datetime
    summary: dict[str, Any]

    def number(self, name: str) -> Decimal | None:
        value = self.summary.get(name)
        return None if value is None else Decimal(value)


def history(account_id: int, *, since: date = date.min, until: date = date.max) -> list[Told]:
    """The newest version of every day between two, oldest first."""
    rows = standing_reports(account_id).filter(trading_day__range=(since, until))
    return [Told(*row) for row in rows.values_list("trading_day", "version", "made_at", "summary")]


@dataclass(frozen=True, slots=True)
class Restated:
    """What a version says that the day earned, and what its books say now."""

    told: Decimal | None
    now: Decimal | None


def restated_since(report: DayReport) -> Restated | None:
    """Whether the day's books have come to another result after this version was made."""
    account, day = report.account_id, report.trading_day
    changed = BookDay.objects.filter(account_id=account, trading_day=day, restated__gt=0)
    if not changed.filter(changed_at__gt=report.made_at).exists():
        return None
    net, now = report.summary.get("net"), total_of(earned(account, day, day, by="cause").values())
    found = Restated(None if net is None else Decimal(net), now)
    return found if found.told != found.now else None


def first_trades(report: DayReport, limit: int) -> list[TradeRow]:
    return list(report.trades.order_by("number")[:limit])


def trade_totals(report: DayReport) -> dict[str, Any]:
    """Of all trades, shown or not; a commission that is not known makes their sum unknown."""
    return report.trades.aggregate(
        count=Count("pk"),
        unpaid=Count("pk", filter=Q(commission=None)),
        quantity=Sum("quantity"),
        pnl=Sum("pnl"),
        commission=Sum("commission"),
    )


def sign_offs(report: DayReport) -> list[SignOff]:
    return list(report.sign_offs.order_by("at"))


def signed_days(account_id: int) -> dict[date, int]:
    """How many have signed the newest version of each day."""
    rows = SignOff.objects.filter(report__account_id=account_id, report__superseded_by=None)
    return dict(rows.values_list("report__trading_day").annotate(number=Count("pk")))


def account_by_number(number: int) -> Account | None:
    return Account.objects.select_related("gateway").filter(pk=number).first()


def days_with_ticker(account_id: int, ticker: str) -> set[date]:
    """On which days a trade of that ticker was closed."""
    rows = TradeRow.objects.filter(ticker__iexact=ticker, report__account_id=account_id)
    return set(
        rows.filter(report__superseded_by=None).values_list("report__trading_day", flat=True).distinct()
    )
