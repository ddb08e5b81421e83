"""Four thousand comparisons a day: those that found what the one before them found are not kept for ever."""

from datetime import datetime, timedelta

from apps.reconciliation.models import Run

KEPT = timedelta(days=30)


def forget_runs(now: datetime) -> int:
    """Old ones that passed or could not be made. Those that found something stay, and those of statements."""
    plain = Run.objects.filter(at__lt=now - KEPT, level__in=[Run.PASS, Run.UNKNOWN])
    return int(plain.exclude(about=Run.STATEMENT).delete()[0])
