"""A started process: its own session, its own log, and a death bound to its owner's."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from apps.runbook.processes.row import Row

PR_SET_PDEATHSIG = 1
LARGEST_LOG = 20_000_000


class Child:
    """One running row. Only its main pid is signalled: a worker's own children are its own affair."""

    def __init__(self, row: Row, log: Path) -> None:
        self.row = row
        self.log = log
        self.started_at = time.monotonic()
        keep_log_small(log)
        with log.open("ab") as output:
            self.process = subprocess.Popen(
                row.command(),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=row.folder,
                env={**os.environ, **row.environment},
                start_new_session=True,
                preexec_fn=dying_with_owner(row.stop_signal, os.getpid()),
                **row.options,
            )

    def exit_code(self) -> int | None:
        """Return how it ended, or nothing while it runs."""
        return self.process.poll()

    def ask_to_stop(self) -> None:
        """Send the row's stop signal to the main pid alone."""
        if self.exit_code() is None:
            self.process.send_signal(self.row.stop_signal)

    def see_stopped(self) -> bool:
        """Wait for the end, kill the session when patience is over; tell whether it went by itself."""
        willing = True
        try:
            self.process.wait(self.row.stop_within)
        except subprocess.TimeoutExpired:
            willing = False
        self.kill_what_is_left()
        self.process.wait()
        return willing

    def kill_what_is_left(self) -> None:
        """Leave no process of this session behind, not even one its main process forgot."""
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            return

    def last_lines(self, count: int = 12) -> str:
        """Return the end of its log, for the person who has to read why it failed."""
        with self.log.open("rb") as file:
            file.seek(max(0, self.log.stat().st_size - 8000))
            lines = file.read().decode("utf-8", "replace").splitlines()
        return "\n".join(f"    {line}" for line in lines[-count:])


def dying_with_owner(stop_signal: signal.Signals, owner: int):  # type: ignore[no-untyped-def]
    """Return what runs in the child before it becomes the program: on Linux, ask to be told of our death."""
    if not sys.platform.startswith("linux"):
        return None
    libc = ctypes.CDLL(None, use_errno=True)

    def bind() -> None:
        libc.prctl(PR_SET_PDEATHSIG, int(stop_signal), 0, 0, 0)
        if os.getppid() != owner:
            os._exit(1)

    return bind


def keep_log_small(log: Path) -> None:
    """Put a grown log aside; one older generation is kept."""
    if log.exists() and log.stat().st_size > LARGEST_LOG:
        log.replace(log.with_suffix(".log.1"))
