"""Reads of reports. Histories read the small summaries of the newest versions; a page reads one content."""

import hashlib
import json
from datetime import date
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import QuerySet

from apps.reports.models import DayReport


def newest_report(account_id: int, day: date) -> DayReport | None:
    rows = DayReport.objects.filter(account_id=account_id, trading_day=day, closed=True)
    return rows.select_related("account").order_by("-version").first()


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
