"""Running the whole desk in the foreground: `up` and `demo`."""

from collections.abc import Callable

from django.conf import settings
from django.db import connections

from apps.runbook.checks import refuse_unsafe_settings
from apps.runbook.database.server import owner_lock
from apps.runbook.processes.lock import Lock
from apps.runbook.processes.row import nothing
from apps.runbook.processes.supervisor import StopAsked, Supervisor
from apps.runbook.processes.table import keep_secret_key, table, taken_ports
from tradingdesk import env


class CannotStart(Exception):
    """Something outside stands in the way; the text says what and what to do."""


def desk_lock() -> Lock:
    """The lock of the one desk in this home."""
    return Lock(env.home() / "desk.lock")


def never() -> bool:
    """A desk stays until somebody stops it."""
    return False


def run_desk(
    *,
    word: str,
    demo: bool,
    say: Callable[[str], None],
    greeting: Callable[[], list[str]],
    until: Callable[[], bool] = never,
    day_file: str = "",
    at_end: Callable[[], None] = nothing,
) -> None:
    """Start every row, greet, watch until asked to stop, and stop every process whatever happened."""
    lock = desk_lock()
    lock.take(word=word, address=settings.PUBLIC_URL)
    try:
        taken = taken_ports()
        if taken:
            raise CannotStart("\n".join(taken))
        env.clock_file().unlink(missing_ok=True)
        keep_secret_key()
        refuse_unsafe_settings()
        supervise(
            word=word,
            demo=demo,
            say=say,
            greeting=greeting,
            until=until,
            day_file=day_file,
            at_end=at_end,
        )
    finally:
        env.clock_file().unlink(missing_ok=True)
        lock.free()


def supervise(
    *,
    word: str,
    demo: bool,
    say: Callable[[str], None],
    greeting: Callable[[], list[str]],
    until: Callable[[], bool] = never,
    day_file: str = "",
    at_end: Callable[[], None] = nothing,
) -> None:
    """Own the processes from the first to the last."""
    rows = table(demo=demo, day_file=day_file)
    supervisor = Supervisor(rows, logs=env.home() / "log", say=say)
    supervisor.listen()
    database = owner_lock()
    if any(row.name == "database" for row in rows):
        database.take(word=word, address=str(env.socket_folder()))
    try:
        supervisor.start()
        for line in greeting():
            say(line)
        connections.close_all()
        try:
            supervisor.watch(until)
        finally:
            at_end()
    except StopAsked:
        say("Asked to stop before everything was up.")
    finally:
        say("Stopping …")
        connections.close_all()
        supervisor.stop()
        database.free()
        say("Every process has stopped.")
