"""Say that a process lives. No journal line: it is said every second."""

from datetime import timedelta

from django.db.models import Case, F, When

from apps.desks.models import Heartbeat
from apps.journal import clock
from apps.journal.database_clock import DatabaseNow

PAUSE = timedelta(seconds=10)  # of the wall: after a longer one the process has begun anew


def beat(process: str) -> None:
    now = DatabaseNow()
    goes_on = When(beat_at__gt=now - clock.stretched(PAUSE), then=F("since"))
    lived = Heartbeat.objects.filter(process=process)
    if not lived.update(beat_at=now, since=Case(goes_on, default=now)):
        Heartbeat.objects.bulk_create(
            [Heartbeat(process=process, beat_at=now, since=now)], ignore_conflicts=True
        )
