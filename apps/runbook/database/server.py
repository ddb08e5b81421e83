"""The embedded server as a row of the supervisor's table, and who owns it at the moment."""

import os
import signal
import time

from apps.runbook.database.account import server_account
from apps.runbook.database.cluster import (
    Cluster,
    ClusterRefused,
    accepts_connections,
    open_cluster,
    running_pid,
)
from apps.runbook.database.connection import make_database
from apps.runbook.database.folders import folders
from apps.runbook.processes.lock import Lock, read_holder
from apps.runbook.processes.row import Row
from tradingdesk import env


def owner_lock() -> Lock:
    """The lock of whoever owns the server: `database run`, `up` or `demo`."""
    return Lock(env.home() / "database.lock")


def owned_by_another() -> bool:
    """Tell whether a living process of ours already runs the server; then we only connect."""
    holder = read_holder(owner_lock().path)
    return holder is not None and holder.pid != os.getpid() and accepts_connections(folders().data)


def database_row(*, fast: bool = False) -> Row:
    """Return the row that makes, checks, starts and stops the embedded server."""
    opened: list[Cluster] = []

    def before() -> None:
        opened[:] = [open_cluster(fast=fast)]
        end_orphan()
        opened[0].prepare()

    def ready() -> bool:
        return accepts_connections(folders().data)

    return Row(
        name="database",
        title="PostgreSQL",
        before=before,
        command=lambda: opened[0].command(),
        ready=ready,
        after=lambda: make_database(folders()),
        # PostgreSQL's "fast" stop: no new connections, open transactions are rolled back, a clean shutdown.
        stop_signal=signal.SIGINT,
        stop_within=30.0,
        options=server_account().popen_options(),
    )


def end_orphan(within: float = 20.0) -> None:
    """Stop a server whose owner was killed; it is on our data folder and nobody else's."""
    data = folders().data
    limit = time.monotonic() + within
    asked = None
    while (pid := running_pid(data)) is not None:
        if asked != pid:
            os.kill(pid, signal.SIGINT)
            asked = pid
        if time.monotonic() > limit:
            raise ClusterRefused(
                f"A server left behind (pid {pid}) does not stop. `kill -QUIT {pid}`, then again."
            )
        time.sleep(0.05)
