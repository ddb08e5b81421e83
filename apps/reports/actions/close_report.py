"""Close the report of a session: gathered, frozen, journalled. One for a date, however often asked for."""

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction

from apps.desks.models import Account
from apps.journal.actions.write_entry import write_entry
from apps.journal.ports import Actor
from apps.reports.content.gathering import Gathered, gather
from apps.reports.models import DayReport, ExecutionRow, TradeRow
from apps.reports.ports import StepTold
from apps.reports.queries import digest_of, newest_report

OPEN = "0" * 64  # until its tables are there to be hashed


@transaction.atomic
def close_report(
    account: Account, day: date, *, actor: Actor, now: datetime, steps: Sequence[StepTold] | None = None
) -> DayReport:
    """The report that stands, or a new first version. `steps` is what whoever conducts the day saw of it."""
    Account.objects.select_for_update().get(pk=account.pk)
    standing = newest_report(account.pk, day)
    if standing is not None:
        return standing
    gathered = gather(account, day, now=now, steps=steps)
    report = DayReport(account=account, trading_day=day, made_at=now, made_by=actor.name)
    return freeze(report, gathered, actor=actor, verb="close_report")


def freeze(report: DayReport, gathered: Gathered, *, actor: Actor, verb: str) -> DayReport:
    """The report with its tables, shut in the same transaction: then the database refuses any change."""
    day = report.trading_day
    report.summary, report.content, report.digest = gathered.summary, gathered.content, OPEN
    report.save()
    TradeRow.objects.bulk_create([TradeRow(report=report, **row) for row in gathered.trades])
    ExecutionRow.objects.bulk_create(
        [ExecutionRow(report=report, trading_day=day, **row) for row in gathered.executions]
    )
    report.digest, report.closed = digest_of(report), True
    report.save(update_fields=["digest", "closed"])
    write_entry(
        verb,
        subject=report,
        actor=actor,
        account=report.account.code,
        reason=report.reason,
        before=report.difference or None,
        after={
            "trading_day": day,
            "version": report.version,
            "digest": report.digest,
            "trades": len(gathered.trades),
            "orders": len(gathered.executions),
        },
    )
    return report
