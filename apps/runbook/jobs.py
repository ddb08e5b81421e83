"""What the worker runs. Every function takes its row first, so a second delivery finds it taken or done.

Nothing here may be needed on the second: the queue's own schedules are up to half a minute late.
"""

import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.contrib.sessions.models import Session as LoginSession

from apps.journal import clock
from apps.journal.queries import verify
from apps.ledger.actions.thin_snapshots import thin_snapshots
from apps.market.models import Mark, Watch
from apps.market.ports import CALENDAR
from apps.market.queries import last_session_day
from apps.reconciliation.actions.forget_runs import forget_runs
from apps.runbook.actions.run_job import run_job
from apps.runbook.actions.watch_promises import watch_promises
from apps.runbook.booking import carry_books, check_books, check_contracts, close_days, keep_books
from apps.runbook.breaking import trip_for_journal
from apps.runbook.daily import (
    expire_late,
    go_on_with_stops,
    keep_marks,
    keep_watching,
    propose_again,
    propose_received,
    take_from_folder,
    watch_for_trouble,
)
from apps.runbook.database.backups import backups, take_backup, try_restore, wanted
from apps.runbook.models import JobRun
from apps.runbook.reconciling import reconcile_due
from apps.runbook.running import release_granted
from apps.runbook.situation import trading_day
from apps.runbook.statements import take_statements
from apps.runbook.steps import clean_up, close_out, pass_window, report, submit
from apps.runbook.timetable import keep_timetable, walk_timetable
from tradingdesk import env
from tradingdesk.domain.market.timetable import CLEAN_UP, CLOSE_OUT, REPORT, SUBMIT

WORKS = {SUBMIT: submit, CLOSE_OUT: close_out, CLEAN_UP: clean_up, REPORT: report}


def walk_day(now: datetime) -> str:
    """The steps that are due, each once."""
    return walk_timetable(now, WORKS, window=pass_window)


CHORES: dict[str, Callable[[datetime], str]] = {
    "keep_timetable": keep_timetable,
    "take_from_folder": take_from_folder,
    "expire_late": expire_late,
    "propose_again": propose_again,
    "propose_received": propose_received,
    "release_granted": release_granted,
    "keep_watching": keep_watching,
    "keep_marks": keep_marks,
    "keep_books": keep_books,
    "finish_stops": go_on_with_stops,
    "walk_day": walk_day,
    "watch_breakers": watch_for_trouble,
    "reconcile": reconcile_due,
    "take_statements": take_statements,
}
RUNS_KEPT = timedelta(days=90)
MARKS_KEPT = timedelta(days=5)
SESSIONS_AHEAD = timedelta(days=60)
CALENDARS_WITHIN = 120.0  # seconds


def walk_road() -> dict[str, str]:
    """Once around, every second or so: files, requests out of time, plans that may be proposed, quotes."""
    now = clock.now()
    told = {}
    for kind, chore in CHORES.items():
        run = run_job(kind, lambda chore=chore: chore(now), day=trading_day(now), again=True)  # type: ignore[misc]
        if run is not None and run.outcome == JobRun.DONE:
            told[kind] = run.told
    return told


def close_books() -> None:
    """Every minute: a session that is over is booked for good, once; and what is long past is kept."""
    now = clock.now()
    close_days(now)
    run_job("carry_books", lambda: carry_books(now), day=trading_day(now), again=True)


def watch_invariants() -> None:
    """Every minute: everything that can never happen is looked for."""
    now = clock.now()
    run_job("watch_invariants", lambda: watch_promises(now), day=trading_day(now), again=True)


def keep_house() -> None:
    """Once a day: throw away what nobody reads any more, and look that the calendars reach far enough."""
    now = clock.now()
    run_job("keep_house", lambda: throw_away(now), day=trading_day(now))
    run_job("verify_journal", lambda: walk_journal(now), day=trading_day(now))
    run_job("refresh_calendars", lambda: refresh_calendars(now), day=trading_day(now))
    run_job("check_contracts", lambda: check_contracts(now), day=trading_day(now))
    run_job("check_books", lambda: check_books(now), day=trading_day(now))


def throw_away(now: datetime) -> str:
    """Rows that carry no record: old chores, ended watches, ended logins."""
    gone = {
        "runs": JobRun.objects.filter(session_date__lt=(now - RUNS_KEPT).date()).delete()[0],
        "watches": Watch.objects.filter(wanted_until__lt=now - timedelta(days=1)).delete()[0],
        "comparisons": forget_runs(now),
        "minutes of the books": thin_snapshots(now),
        "marks": Mark.objects.filter(at__lt=now - MARKS_KEPT).delete()[0],
        "logins": LoginSession.objects.filter(expire_date__lt=now).delete()[0],
    }
    return ", ".join(f"{count} {what}" for what, count in gone.items() if count)


def keep_backups() -> None:
    """Once a day a backup, once a month a restore: by the machine's own day, whatever day the desk plays."""
    today = datetime.now(UTC)
    if wanted():
        run_job("back_up", lambda: back_up(today), day=today.date())
        run_job("try_restore", restore_newest, day=today.date().replace(day=1))


def back_up(now: datetime) -> str:
    taken = take_backup(now)
    return f"{taken.path.name}, {taken.size // 1024:,} kB, {len(backups())} kept"


def restore_newest() -> str:
    """Once a month: a backup that was never restored is a hope."""
    kept = backups()
    return f"{kept[-1].path.name}: {try_restore(kept[-1])}" if kept else ""


def walk_journal(now: datetime) -> str:
    """The whole chain, once a day; the newest lines are walked every half minute besides."""
    found = verify().finding
    if found is not None:
        trip_for_journal(f"{found.code}: {found.text}", now)
        return f"{found.code} at row {found.sequence}"
    return ""


def refresh_calendars(now: datetime) -> str:
    """In a process of its own: the calendars' library is 60 MB that the worker would never give back."""
    reach = last_session_day(CALENDAR)
    if reach is not None and reach > (now + SESSIONS_AHEAD).date():
        return ""
    subprocess.run(
        [sys.executable, str(env.BASE_DIR / "manage.py"), "refresh_calendars"],
        check=True,
        timeout=CALENDARS_WITHIN,
        cwd=settings.BASE_DIR,
        stdin=subprocess.DEVNULL,
    )
    return f"sessions reached to {reach or 'nowhere'}"
