"""Reads of what the runbook watches itself."""

from datetime import date

from apps.desks.models import Account
from apps.runbook.models import BrokenPromise, DayStep


def broken_promises() -> list[str]:
    """The invariants that do not hold now, the ones that stopped trading first."""
    rows = BrokenPromise.objects.filter(ended_at=None).order_by("-severe", "found_at", "pk")
    return [str(row) for row in rows[:20]]


def steps_of_day(account: Account, day: date) -> list[DayStep]:
    """The rows of one session in the order in which they fall due."""
    rows = DayStep.objects.filter(account=account, session_date=day).select_related("strategy")
    return list(rows.order_by("due_at", "pk"))


def days_with_steps(account: Account, *, before: date, limit: int) -> list[date]:
    """The newest sessions that have a timetable."""
    rows = DayStep.objects.filter(account=account, session_date__lt=before).order_by("-session_date")
    return list(rows.values_list("session_date", flat=True).distinct()[:limit])
