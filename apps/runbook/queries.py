"""Reads of what the runbook watches itself."""

from apps.runbook.models import BrokenPromise


def broken_promises() -> list[str]:
    """The invariants that do not hold now, the ones that stopped trading first."""
    rows = BrokenPromise.objects.filter(ended_at=None).order_by("-severe", "found_at", "pk")
    return [str(row) for row in rows[:20]]
