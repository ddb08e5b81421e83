"""Gather a closed session again; what came out otherwise is a new version with its difference."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction

from apps.desks.models import Account
from apps.journal.ports import Actor
from apps.ledger.actions.book_day import book_days
from apps.reports.actions.close_report import freeze
from apps.reports.content.gathering import gather
from apps.reports.models import DayReport
from apps.reports.ports import ReportRefused, StepTold
from apps.reports.queries import newest_report

# What moves by itself from one moment to the next and is no news about the day.
MOVING = frozenset({"journal", "tomorrow", "steps"})


@transaction.atomic
def reissue_report(
    account: Account,
    day: date,
    *,
    actor: Actor,
    reason: str,
    now: datetime,
    steps: Sequence[StepTold] | None = None,
) -> DayReport:
    """Refused where nothing changed. The version before stays as it was, with its signatures."""
    if not reason.strip():
        raise ReportRefused("REPORT_UNEXPLAINED", "Say why there is to be another version.")
    Account.objects.select_for_update().get(pk=account.pk)
    before = newest_report(account.pk, day)
    if before is None:
        raise ReportRefused("REPORT_UNKNOWN", f"There is no report of {day} yet.")
    book_days(account, now)  # what was told in the last minute is in the new version
    gathered = gather(account, day, now=now, steps=steps, before=before)
    changed = list(difference(_compared(before.content), _compared(gathered.content)))
    if not changed:
        raise ReportRefused("REPORT_UNCHANGED", f"Everything stands as version {before.version} says it.")
    report = DayReport(
        account=account,
        trading_day=day,
        version=before.version + 1,
        supersedes=before,
        difference=changed,
        reason=reason.strip(),
        made_at=now,
        made_by=actor.name,
    )
    return freeze(report, gathered, actor=actor, verb="reissue_report")


def _compared(content: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in content.items() if name not in MOVING}


def difference(before: Any, after: Any, where: str = "") -> Iterator[dict[str, Any]]:
    """Every place in which two contents differ, with both values."""
    if before == after:
        return
    if isinstance(before, dict) and isinstance(after, dict):
        for name in sorted({*before, *after}):
            yield from difference(before.get(name), after.get(name), f"{where}.{name}".lstrip("."))
        return
    if isinstance(before, list) and isinstance(after, list):
        for place in range(max(len(before), len(after))):
            old = before[place] if place < len(before) else None
            new = after[place] if place < len(after) else None
            yield from difference(old, new, f"{where}[{place + 1}]")
        return
    yield {"where": where, "before": before, "after": after}
