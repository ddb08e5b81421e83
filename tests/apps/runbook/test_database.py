"""The embedded PostgreSQL: whose it is, who may enter, and that it never outlives its owner."""

import json
import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest
from django.db import transaction

from apps.journal.actions.write_entry import write_entry
from apps.journal.ports import Subject
from apps.journal.queries import head
from tests.conftest import Run
from tests.database import ROOT

FAST = ("database", "start")


@pytest.fixture
def server(own_home: Path, manage: Run) -> Iterator[Path]:
    started = manage(*FAST)
    assert started.returncode == 0, started.stderr
    yield own_home
    manage("database", "stop")
    assert servers_of(own_home) == []


def servers_of(home: Path) -> list[int]:
    """Every PostgreSQL process, whoever's child it is, that works on this home."""
    found = []
    for process in psutil.process_iter(["pid", "cmdline"]):
        line = " ".join(process.info["cmdline"] or [])
        if f"{home}/pg/data" in line and "postgres" in line:
            found.append(process.info["pid"])
    return found


def gone_within(home: Path, seconds: float) -> bool:
    limit = time.monotonic() + seconds
    while servers_of(home) and time.monotonic() < limit:
        time.sleep(0.05)
    return not servers_of(home)


def mode_of(path: Path) -> str:
    return oct(stat.S_IMODE(path.stat().st_mode))


def test_it_starts_once_answers_its_address_and_stops(server: Path, manage: Run) -> None:
    assert "runs already" in manage(*FAST).stdout
    assert len(servers_of(server)) == 1
    url = manage("database", "url").stdout.strip()
    with psycopg.connect(url) as connection:
        shown = {
            name: connection.execute(f"SHOW {name}").fetchone()[0] for name in ("fsync", "listen_addresses")
        }
        assert shown == {"fsync": "on", "listen_addresses": ""}
    assert manage("database", "stop").stdout.strip() == "Stopped."
    assert servers_of(server) == []
    assert manage("database", "status").returncode == 3


def test_nobody_gets_in_without_the_password_or_through_the_folders(server: Path) -> None:
    socket = server / "pg" / "socket"
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(host=str(socket), user="tradingdesk", dbname="tradingdesk", passfile="/dev/null")
    assert mode_of(server / "pg" / "data") == mode_of(socket) == "0o700"
    assert mode_of(server / "pg" / "pgpass") == "0o600"
    walkable = "0o711" if os.geteuid() == 0 else "0o700"
    assert mode_of(server) == mode_of(server / "pg") == walkable
    assert (server / "pg" / "data").stat().st_uid != 0


def test_a_killed_owner_takes_its_server_along(server: Path, manage: Run) -> None:
    owner = json.loads((server / "database.lock").read_text())["pid"]
    os.kill(owner, signal.SIGKILL)
    assert gone_within(server, 20)
    assert "PostgreSQL runs" in manage(*FAST).stdout


def test_a_killed_server_is_started_again_by_its_owner(server: Path, manage: Run) -> None:
    pid_file = server / "pg" / "data" / "postmaster.pid"
    killed = int(pid_file.read_text().split()[0])
    os.kill(killed, signal.SIGKILL)
    limit = time.monotonic() + 60
    while time.monotonic() < limit:
        time.sleep(0.1)
        running = pid_file.is_file() and int((pid_file.read_text().split() or ["0"])[0])
        if running != killed and manage("database", "status").returncode == 0:
            break
    with psycopg.connect(manage("database", "url").stdout.strip()) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    assert int(pid_file.read_text().split()[0]) != killed


def test_a_number_left_in_the_pid_file_is_no_server_and_another_versions_data_are_refused(
    own_home: Path, manage: Run
) -> None:
    assert manage(*FAST).returncode == 0
    assert manage("database", "stop").returncode == 0
    left = own_home / "pg" / "data" / "postmaster.pid"
    left.write_text(f"{os.getpid()}\n{own_home}/pg/data\n0\n5432\n\n\n\nready\n")
    assert manage("database", "status").returncode == 3
    assert "PostgreSQL runs" in manage(*FAST).stdout
    assert manage("database", "stop").stdout.strip() == "Stopped."
    (own_home / "pg" / "data" / "PG_VERSION").write_text("15\n")
    refused = manage(*FAST)
    assert refused.returncode != 0
    assert "written by PostgreSQL 15" in refused.stderr and "pg_dump -Fc" in refused.stderr
    assert servers_of(own_home) == []


def test_with_a_database_url_there_is_no_embedded_server(own_home: Path, manage: Run) -> None:
    refused = manage(*FAST, DATABASE_URL="postgresql://desk@db.example/desk")
    assert refused.returncode != 0 and "DATABASE_URL is set" in refused.stderr
    assert not (own_home / "pg").exists()


def test_no_other_database_will_do(manage: Run) -> None:
    refused = manage("check", DATABASE_URL="sqlite:///desk.db")
    assert refused.returncode != 0 and "must begin with postgresql://" in refused.stderr


def test_a_folder_that_somebody_else_put_there_is_refused(own_home: Path, manage: Run) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can put another's folder there")
    (own_home / "pg").mkdir()
    os.chown(own_home / "pg", 12345, 12345)
    refused = manage(*FAST)
    assert refused.returncode != 0 and "belongs to somebody else" in refused.stderr


def test_a_backup_is_whole_kept_a_fortnight_and_can_be_restored(
    desk_environment: dict[str, str], tmp_path: Path
) -> None:
    """Through the command, on the run's own server: taken, listed, restored, and the old ones let go."""
    with transaction.atomic():
        write_entry("set_stop", subject=Subject("test", "1"))
    place = tmp_path / "backups"
    place.mkdir()
    for day in range(1, 15):
        (place / f"202601{day:02}T000000Z.dump").write_bytes(b"old")

    def ask(*words: str) -> "subprocess.CompletedProcess[str]":
        line = [sys.executable, str(ROOT / "manage.py"), "backup", *words]
        told = desk_environment | {"TRADINGDESK_BACKUPS": str(place)}
        return subprocess.run(line, env=told, capture_output=True, text=True, timeout=120)

    taken = ask()
    assert taken.returncode == 0, taken.stderr
    kept = sorted(path.name for path in place.iterdir())
    assert len(kept) == 14 and "20260101T000000Z.dump" not in kept
    assert mode_of(place / kept[-1]) == "0o600"
    restored = ask("--restore-test")
    assert restored.returncode == 0, restored.stderr
    assert f"the journal ends at line {head()[0]:,}" in restored.stdout
    (place / "29990101T000000Z.dump").write_bytes(b"not a backup")
    broken = ask("--restore-test")
    assert broken.returncode != 0 and "pg_restore" in broken.stderr
