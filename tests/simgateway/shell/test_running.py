"""A whole run as a person starts it: the process, its doors, its state, its ledger."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from apps.simgateway.doorfile import DoorClosed, ask_door
from tests.simgateway.bench.rawclient import RawClient
from tests.simgateway.scripts.requests import request_fields

ROOT = Path(__file__).resolve().parents[3]
OPENING = "2026-11-20T10:00 US/Eastern"
LINE = "2026-11-18T14:36:00+00:00@1795000000.0"


class Process:
    """A gateway in its own process."""

    def __init__(self, home: Path, *words: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "manage.py", "run_sim_gateway", "--port", "0", "--control", "0", *words],
            cwd=ROOT,
            env=_environment(home),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.said: list[str] = []
        self.clients: list[RawClient] = []
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self.said.append(line.rstrip())
            if line.startswith("Ctrl-C"):
                break
        text = "\n".join(self.said)
        assert "Ctrl-C" in text, text
        self.port = int(re.search(r"gateway on [\d.]+:(\d+)", text)[1])
        token = re.search(r"token\s+(\S+)", text)[1]
        self.door = int(re.search(r"http://127.0.0.1:(\d+)", text)[1]), token

    def client(self, number: int) -> RawClient:
        self.clients.append(RawClient(self.port, number))
        return self.clients[-1]

    def interrupt(self) -> str:
        self._process.send_signal(signal.SIGINT)
        rest, _ = self._process.communicate(timeout=20)
        assert self._process.returncode == 0, rest
        return rest

    def end(self) -> None:
        for client in self.clients:
            client.close()
        if self._process.poll() is None:
            self._process.kill()
            self._process.communicate()


def _environment(home: Path) -> dict[str, str]:
    """As a person's shell has it: the test run's own Django settings stay here."""
    own = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    return own | {"TRADINGDESK_HOME": str(home)}


@contextmanager
def running(home: Path, *words: str) -> Iterator[Process]:
    process = Process(home, "--start", OPENING, *words)
    try:
        yield process
    finally:
        process.end()


def place(client: RawClient, number: int) -> bytes:
    """A GTC order far from the market; answers its permId."""
    words = {
        "id": str(number),
        "side": "BUY",
        "quantity": "10",
        "symbol": "MSFT",
        "type": "LMT",
        "limit": "150",
    }
    client.send(request_fields("placeOrder", words | {"tif": "GTC", "ref": f"T-{number}"}))
    return client.read_until(b"3", place=1, value=str(number).encode())[6]


def test_it_stands_by_a_clock_that_others_stand_by_too(tmp_path: Path):
    """Whoever reads the same line, at whatever moment, reads the same time."""
    file = tmp_path / "clock"
    file.write_text(f"2026-11-18T14:36:00+00:00@{time.time() - 90}x1\n")
    with running(tmp_path, "--clock", str(file)) as run:
        told = ask_door(run.door, "status", {})["time"]
    assert told.startswith("2026-11-18T14:37:3")


def test_a_gateway_that_is_started_in_a_fast_hour_goes_as_fast_and_turns_with_the_others(tmp_path: Path):
    file, wall = tmp_path / "clock", time.time()
    fast = f"2026-11-18T14:36:00+00:00@{wall - 60}x1;2026-11-18T14:37:00+00:00@{wall}x600"
    file.write_text(fast)
    with running(tmp_path, "--clock", str(file)) as run:
        told = ask_door(run.door, "clock", {})
    assert told["speed"] == 600 and told["time"] > "2026-11-18T14:37:30"
    file.write_text(f"{fast};2026-11-18T14:47:00+00:00@{wall + 1}x1")
    with running(tmp_path, "--clock", str(file)) as run:
        time.sleep(max(0.0, wall + 1.1 - time.time()))
        told = ask_door(run.door, "clock", {})
    assert told["speed"] == 1 and "2026-11-18T14:47:00" <= told["time"] < "2026-11-18T14:48:00"


def test_time_that_it_has_lived_is_never_ahead_of_it_again(tmp_path: Path):
    words = ("--state", str(tmp_path / "state"), "--start", "2026-11-18T14:36:00+00:00")
    with running(tmp_path, *words) as run:
        ask_door(run.door, "clock", {"how": "step", "value": "2h"})
        run.client(1)  # it is spoken to then
        run.interrupt()
    with running(tmp_path, *words) as run:
        assert ask_door(run.door, "clock", {})["time"] >= "2026-11-18T16:36:00"


def test_a_gateway_that_was_killed_leaves_no_door_behind_the_next_one(tmp_path: Path):
    with running(tmp_path) as killed:
        port = killed.port
    assert len(list((tmp_path / "simgateway").iterdir())) == 1
    with running(tmp_path, "--port", str(port)) as run:
        assert [path.name for path in (tmp_path / "simgateway").iterdir()] == [f"control-{run.door[0]}.json"]


@pytest.mark.parametrize(
    "line",
    [
        "",
        "yesterday@1",
        "2026-11-18T14:36:00+00:00",
        "2026-11-18T14:36:00+00:00@1xfast",
        f"{LINE};",
        LINE + "x0",
    ],
)
def test_a_clock_that_cannot_be_read_is_told_with_a_line_that_can(tmp_path: Path, line: str):
    file = tmp_path / "clock"
    file.write_text(line)
    words = [sys.executable, "manage.py", "run_sim_gateway", "--port", "0", "--clock", str(file)]
    told = subprocess.run(words, cwd=ROOT, env=_environment(tmp_path), capture_output=True, text=True)
    assert told.returncode == 1 and f"--clock {file}: " in told.stderr
    assert "a line such as 2026-11-18T14:36:00+00:00@1795000000.0" in told.stderr


def test_orders_and_ids_survive_a_restart_of_the_process(tmp_path: Path):
    state = str(tmp_path / "state")
    with running(tmp_path, "--state", state) as process:
        client = process.client(1)
        perm_id = place(client, client.next_id + 6)
        assert "closed" in process.interrupt()
    assert list((tmp_path / "simgateway").iterdir()) == [], "the token of a closed door is gone"
    with running(tmp_path, "--state", state) as process:
        client = process.client(1)
        assert client.next_id == 8
        client.send(request_fields("reqOpenOrders", {}))
        assert client.read_until(b"5")[25] == perm_id
        process.interrupt()


@pytest.mark.deep
def test_orders_and_ids_survive_a_kill(tmp_path: Path):
    state = tmp_path / "state"
    with running(tmp_path, "--state", str(state)) as process:
        client = process.client(1)
        perm_id = place(client, client.next_id + 6)
        until = time.monotonic() + 20
        while perm_id.decode() not in "".join(path.read_text() for path in state.glob("*.json")):
            assert time.monotonic() < until, "the order never came to the folder"
            time.sleep(0.02)
        process.end()
    with running(tmp_path, "--state", str(state)) as process:
        client = process.client(1)
        assert client.next_id == 8
        client.send(request_fields("reqOpenOrders", {}))
        assert client.read_until(b"5")[25] == perm_id
        process.interrupt()


def test_the_control_door_reads_and_turns(tmp_path: Path):
    with running(tmp_path, "--paused", "--seed", "7") as process:
        text = "\n".join(process.said)
        assert "DU1000001" in text and "2026-11-20T15:00" in text and re.search(r"seed\s+7", text)
        client, door = process.client(4), process.door
        place(client, 1)
        assert ask_door(door, "status", {})["clients"][0]["client_id"] == 4
        assert ask_door(door, "orders", {})["orders"][0]["reference"] == "T-1"
        assert ask_door(door, "clock", {"how": "step", "value": "1h"})["time"].startswith("2026-11-20T16:00")
        ask_door(door, "fault", {"kind": "mute", "message": "openOrderEnd"})
        assert ask_door(door, "faults", {})["faults"][0]["kind"] == "mute"
        assert ask_door(door, "scenario", {"name": "outage"})["planned"] == 4
        ask_door(door, "clock", {"how": "step", "value": "1min"})
        assert client.read_until(b"4", place=3, value=b"1100")
        with pytest.raises(DoorClosed, match="does not know"):
            ask_door(door, "explode", {})
        with pytest.raises(DoorClosed, match="token"):
            ask_door((door[0], "wrong"), "status", {})
