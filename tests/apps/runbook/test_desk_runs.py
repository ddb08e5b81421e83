"""The whole desk in the foreground: up, seen, told twice, interrupted, and nothing left."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from django.core.management import get_commands

from apps.runbook.processes.table import table
from tests.conftest import Run
from tests.database import ROOT, environment_of
from tests.ports import free_port


def processes_of(home: Path) -> list[str]:
    """Every process, whoever's child, that was told of this home or works in it."""
    found = []
    for process in psutil.process_iter():
        try:
            told = process.environ().get("TRADINGDESK_HOME") == str(home)
            line = " ".join(process.cmdline())
        except psutil.Error:
            continue
        if (told or f"{home}/pg" in line) and process.pid != os.getpid():
            found.append(line)
    return found


@pytest.fixture
def ports() -> dict[str, str]:
    return {"TRADINGDESK_PORT": str(free_port()), "TRADINGDESK_GATEWAY_PORT": str(free_port())}


@pytest.fixture
def desk(own_home: Path, ports: dict[str, str]) -> Iterator["subprocess.Popen[str]"]:
    """A desk against a paper gateway that is not there: everything but the simulator."""
    told = {**environment_of(own_home), **ports, "TRADINGDESK_ENV_FILE": "", "TRADINGDESK_MODE": "paper"}
    told["TRADINGDESK_ACCOUNTS"] = "DU1000001"
    command = [sys.executable, str(ROOT / "manage.py"), "up"]
    with subprocess.Popen(
        command, env=told, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True
    ) as running:
        yield running
        if running.poll() is None:
            running.send_signal(signal.SIGTERM)


def read_until(running: "subprocess.Popen[str]", words: str, seconds: float = 120) -> str:
    assert running.stdout is not None
    said, limit = "", time.monotonic() + seconds
    for line in running.stdout:
        said += line
        if words in line:
            return said
        assert time.monotonic() < limit, said
    raise AssertionError(said)


def test_a_desk_comes_up_says_so_twice_and_stops_whole(
    desk: "subprocess.Popen[str]", own_home: Path, ports: dict[str, str], manage: Run
) -> None:
    said = read_until(desk, "Ctrl-C stops")
    assert [name for name in ("PostgreSQL", "Tables", "Worker", "Web") if f"✓ {name}" not in said] == []
    address = f"http://127.0.0.1:{ports['TRADINGDESK_PORT']}"
    assert urllib.request.urlopen(f"{address}/healthz", timeout=5).read() == b"ok\n"
    second = manage("up", TRADINGDESK_MODE="paper", **ports)
    assert second.returncode != 0 and "already running here (pid" in second.stderr
    assert (own_home / "secret_key").stat().st_mode & 0o777 == 0o600
    desk.send_signal(signal.SIGINT)
    desk.send_signal(signal.SIGINT)
    assert "Every process has stopped." in desk.communicate(timeout=60)[0]
    assert desk.returncode == 0
    assert processes_of(own_home) == []


def test_a_taken_port_is_named_before_anything_starts(
    manage: Run, ports: dict[str, str], own_home: Path
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", int(ports["TRADINGDESK_PORT"])))
        taken.listen()
        refused = manage("up", TRADINGDESK_MODE="paper", **ports)
    assert refused.returncode != 0
    assert f"Port {ports['TRADINGDESK_PORT']} on 127.0.0.1 is taken" in refused.stderr
    assert not (own_home / "pg").exists()


def test_live_is_refused_without_a_list_of_accounts(
    manage: Run, own_home: Path, ports: dict[str, str]
) -> None:
    refused = manage("up", TRADINGDESK_MODE="live", **ports)
    assert refused.returncode != 0 and "tradingdesk.E005" in refused.stderr
    assert not (own_home / "pg").exists()


def test_the_demo_is_refused_where_money_is_real(manage: Run) -> None:
    refused = manage("demo", TRADINGDESK_MODE="paper")
    assert refused.returncode != 0 and "simulated money only" in refused.stderr


def test_down_without_a_desk_says_so(manage: Run) -> None:
    assert manage("down").stdout.strip() == "No desk is running here."


def test_the_table_holds_only_rows_whose_command_exists(
    monkeypatch: pytest.MonkeyPatch, own_home: Path
) -> None:
    monkeypatch.setenv("TRADINGDESK_HOME", str(own_home))
    known = get_commands()
    rows = table(demo=True)
    assert rows[0].name == "database"
    assert all(row.command()[2] in known for row in rows[1:])
    assert [row.name for row in rows if row.name in ("migrate", "simgateway", "worker", "web")] == [
        "migrate",
        "simgateway",
        "worker",
        "web",
    ]


def test_a_command_in_another_terminal_reads_the_demo_s_clock(own_home: Path) -> None:
    """A simulated day is one line of time: what is written from elsewhere must not jump to the wall's."""
    line = "2026-11-18T14:36:00+00:00@1795000000.0x0"
    (own_home / "clock").write_text(line)
    ask = "from tradingdesk import settings; print(settings.CLOCK)"
    told = {
        mode: subprocess.run(
            [sys.executable, "-c", ask],
            env=os.environ
            | {"TRADINGDESK_HOME": str(own_home), "TRADINGDESK_MODE": mode, "TRADINGDESK_CLOCK": ""},
            capture_output=True,
            text=True,
            cwd=ROOT,
        ).stdout.strip()
        for mode in ("sim", "paper")
    }
    assert told == {"sim": line, "paper": ""}
