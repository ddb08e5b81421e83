"""What the System page measures itself: the database behind it and the worker's queue."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core.cache import cache
from django.db import connection
from django.utils import timezone
from django_q.models import Failure, OrmQ, Schedule, Success

from apps.runbook.database.backups import backups, folder, wanted
from apps.runbook.database.tables import migrations_waiting
from apps.runbook.models import JobRun

MIGRATIONS_KEPT_SECONDS = 60
LATE_SCHEDULE_SECONDS = 120
BACKUP_LIMIT = timedelta(hours=30)


@dataclass(frozen=True, slots=True)
class Measured:
    title: str
    text: str = ""
    source: str = ""
    wrong: str = ""  # one word when it is out of order


def database_measures() -> list[Measured]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT split_part(version(), ' ', 2), pg_size_pretty(pg_database_size(current_database())), "
            "(SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()), "
            "pg_postmaster_start_time()"
        )
        version, size, connections, started = cursor.fetchone()
    waiting = _migrations_waiting()
    return [
        Measured("PostgreSQL", version),
        Measured("Up", _age(started), source="pg_postmaster_start_time()"),
        Measured("Size", size),
        Measured("Connections", str(connections)),
        Measured("Migrations waiting", str(waiting), wrong="migrate" if waiting else ""),
        *_backup_measures(),
    ]


def _backup_measures() -> list[Measured]:
    """When the last backup was taken, and when one was last seen to be good."""
    if not wanted():
        return [
            Measured("Backups", "by whoever keeps the server", "TRADINGDESK_BACKUPS names a folder of ours")
        ]
    kept = backups()
    old = bool(kept) and timezone.now() - kept[-1].taken_at > BACKUP_LIMIT
    tried = JobRun.objects.filter(kind="try_restore", outcome=JobRun.DONE).order_by("-ended_at").first()
    return [
        Measured(
            "Last backup",
            f"{_age(kept[-1].taken_at)} ago, {len(kept)} kept" if kept else "none yet",
            source=str(folder()),
            wrong="backup old" if old else "",
        ),
        Measured("Last restore test", tried.told if tried else "none yet"),
    ]


def _migrations_waiting() -> int:
    """Asked anew once a minute at most."""
    return int(cache.get_or_set("migrations-waiting", migrations_waiting, MIGRATIONS_KEPT_SECONDS) or 0)


def _age(moment: datetime) -> str:
    """By the wall's clock, which these things keep whatever day the desk plays."""
    whole = max(0, int((timezone.now() - moment).total_seconds()))
    return f"{whole // 3600}:{whole // 60 % 60:02}:{whole % 60:02}"


def queue_measures() -> list[Measured]:
    newest = Success.objects.order_by("-stopped").first()
    failed = Failure.objects.order_by("-stopped").first()
    coming = Schedule.objects.order_by("next_run").first()
    late = (timezone.now() - coming.next_run).total_seconds() if coming and coming.next_run else 0.0
    return [
        Measured("Tasks waiting", str(OrmQ.objects.count())),
        Measured("Last done", _told(newest)),
        Measured("Last failed", _told(failed)),
        Measured(
            "Next schedule",
            _job(coming.func) if coming else "none",
            wrong="late" if late > LATE_SCHEDULE_SECONDS else "",
        ),
    ]


def _told(task: Any) -> str:
    return f"{_job(task.func)}, {_age(task.stopped)} ago" if task else "none"


def _job(function: str) -> str:
    """In words: the job's own name is the last part of where it lies."""
    return function.rpartition(".")[2].replace("_", " ")
