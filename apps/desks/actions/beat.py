"""Say that a process lives. No journal line: it is said every second."""

from apps.desks.models import Heartbeat
from apps.journal.database_clock import DatabaseNow


def beat(process: str) -> None:
    Heartbeat.objects.bulk_create(
        [Heartbeat(process=process, beat_at=DatabaseNow())],
        update_conflicts=True,
        unique_fields=["process"],
        update_fields=["beat_at"],
    )
