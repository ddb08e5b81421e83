"""Do a job of a session exactly as often as it is meant to be done, however often it is delivered."""

import contextlib
import hashlib
from collections.abc import Callable, Iterator
from datetime import date

import structlog
from django.db import connection

from apps.desks.models import Account
from apps.journal import clock
from apps.runbook.models import JobRun

log = structlog.get_logger(__name__)

ADVISORY_SPACE = 7312  # the first half of the advisory lock's key; the second names the job

Work = Callable[[], str]  # what was done, in a few words; empty for nothing


def run_job(
    kind: str, work: Work, *, day: date, account: Account | None = None, again: bool = False
) -> JobRun | None:
    """None: it is done already, or another worker is at it. A broken job leaves its reason and may run again.

    `again` is for chores that come back all day; without it one good run ends the matter.
    """
    with alone_at(f"{kind}/{account.pk if account else ''}") as alone:
        if not alone:
            return None
        row, _ = JobRun.objects.get_or_create(
            kind=kind, account=account, session_date=day, defaults={"started_at": clock.now()}
        )
        if not again and row.outcome in (JobRun.DONE, JobRun.NOTHING):
            return None
        return _run(row, work)


def _run(row: JobRun, work: Work) -> JobRun:
    began = clock.now()
    JobRun.objects.filter(pk=row.pk).update(
        outcome=JobRun.RUNNING, started_at=began, ended_at=None, runs=row.runs + 1
    )
    try:
        told = work()
    except Exception as broken:
        _end(row, JobRun.FAILED, repr(broken))
        log.exception("job_failed", kind=row.kind, day=str(row.session_date))
        raise
    return _end(row, JobRun.DONE if told else JobRun.NOTHING, told)


def _end(row: JobRun, outcome: str, told: str) -> JobRun:
    """What a chore did last stays to be read through the many times when there was nothing to do."""
    row.refresh_from_db()
    row.outcome, row.ended_at = outcome, max(clock.now(), row.started_at)
    if outcome != JobRun.NOTHING:
        row.told, row.worked_at = told[:2000], row.ended_at
    row.save(update_fields=["outcome", "ended_at", "told", "worked_at"])
    return row


@contextlib.contextmanager
def alone_at(name: str) -> Iterator[bool]:
    """A lock of this database connection: a worker that dies gives it back by dying."""
    key = int.from_bytes(hashlib.sha256(name.encode()).digest()[:4], "big", signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [ADVISORY_SPACE, key])
        alone = bool(cursor.fetchone()[0])
    try:
        yield alone
    finally:
        if alone and connection.connection is not None and not connection.connection.closed:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [ADVISORY_SPACE, key])
