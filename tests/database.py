"""The test run's own PostgreSQL: started by the first test that asks for a database, stopped with the run."""

import fcntl
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import psutil
import psycopg
from django.db import connections

ROOT = Path(__file__).resolve().parent.parent
HOME_VARIABLE = "TRADINGDESK_TEST_HOME"

# What a flush of all tables must bring back, because migrations put it there and code counts on it.
AFTER_FLUSH = [
    "INSERT INTO journal_head (id, sequence, hash) VALUES (1, 0, repeat('0', 64)) ON CONFLICT DO NOTHING",
]

# Kept, so that a started keeper is waited for by name and not by the garbage collector.
KEEPERS: "list[subprocess.Popen[bytes]]" = []


def owner() -> "psycopg.Connection[Any]":
    """A connection of its own to the test's database, beside Django's."""
    told = connections["default"].get_connection_params()
    for ours in ("cursor_factory", "context", "prepare_threshold"):
        told.pop(ours, None)
    return psycopg.connect(**told, autocommit=True)


def environment_of(home: Path) -> dict[str, str]:
    """Return the environment in which our own commands see the run's server."""
    told = {**os.environ, "TRADINGDESK_HOME": str(home), "DJANGO_SETTINGS_MODULE": "tradingdesk.settings"}
    told.pop("DATABASE_URL", None)
    return told


def start_server(home: Path, owner: int) -> None:
    """Start the run's server, or find it started by another worker of the same run."""
    home.mkdir(mode=0o700, exist_ok=True)
    with (home / "starting").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        note = home / "keeper.pid"
        if note.exists():
            return
        log = (home / "keeper.log").open("wb")
        keeper = subprocess.Popen(
            [sys.executable, str(ROOT / "manage.py"), "database", "run", "--fast", "--owner", str(owner)],
            env=environment_of(home),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        log.close()
        KEEPERS.append(keeper)
        wait_until_made(keeper, home)
        note.write_text(str(keeper.pid))


def wait_until_made(keeper: "subprocess.Popen[bytes]", home: Path) -> None:
    """Wait for the line the keeper prints once the desk's database exists in the server."""
    limit = time.monotonic() + 120
    while time.monotonic() < limit:
        said = (home / "keeper.log").read_text()
        if "✓ PostgreSQL" in said:
            return
        if keeper.poll() is not None:
            break
        time.sleep(0.02)
    raise RuntimeError(f"The tests' PostgreSQL did not start:\n{(home / 'keeper.log').read_text()}")


def stop_server(home: Path) -> None:
    """Stop the run's server and remove every trace of it."""
    note = home / "keeper.pid"
    if note.exists():
        pid = int(note.read_text())
        if psutil.pid_exists(pid):
            os.kill(pid, signal.SIGTERM)
            wait_for_end(pid)
    shutil.rmtree(home, ignore_errors=True)


def wait_for_end(pid: int) -> None:
    """Wait for a process that may or may not be our own child."""
    limit = time.monotonic() + 60
    while time.monotonic() < limit:
        try:
            if os.waitpid(pid, os.WNOHANG)[0] == pid:
                return
        except ChildProcessError:
            if not psutil.pid_exists(pid):
                return
        time.sleep(0.02)


def home_of_run() -> Path:
    """Name the folder of one run, on the short path that a socket needs; the first that needs it makes it."""
    return Path(tempfile.gettempdir()) / f"desk-test-{os.getpid()}-{secrets.token_hex(4)}"


def point_settings_at(home: Path) -> None:
    """Let this process's Django connect to the run's server."""
    os.environ["TRADINGDESK_HOME"] = str(home)
    from tradingdesk import env

    wanted: dict[str, Any] = env.embedded_database()
    for alias in connections:
        for name in ("HOST", "USER", "OPTIONS"):
            connections[alias].settings_dict[name] = wanted[name]


def let_tests_flush() -> None:
    """Let Django empty the tables between tests that commit: our own triggers would refuse, as they must."""
    # on the class: a browser's driver makes Django open a second connection in the same thread
    operations = type(connections["default"].ops)
    plain = operations.execute_sql_flush

    def flush(self: Any, sql_list: Iterable[str]) -> None:
        quiet = "SET LOCAL session_replication_role = replica"
        plain(self, [quiet, *sql_list, *AFTER_FLUSH])

    operations.execute_sql_flush = flush  # type: ignore[method-assign]
