"""A whole run as a person starts it: the process, its doors, its state, its ledger."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from apps.simgateway.doorfile import DoorClosed, ask_door
from apps.simgateway.record import read_ledger
from apps.simgateway.replay import replay
from tests.simgateway.bench.rawclient import RawClient
from tests.simgateway.scripts.requests import request_fields

ROOT = Path(__file__).resolve().parents[3]
OPENING = "2026-11-20T10:00 US/Eastern"


class Process:
    """A gateway in its own process."""

    def __init__(self, home: Path, *words: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "manage.py", "run_sim_gateway", "--port", "0", "--control", "0", *words],
            cwd=ROOT,
            env=os.environ | {"TRADINGDESK_HOME": str(home)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.said: list[str] = []
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

    def interrupt(self) -> str:
        self._process.send_signal(signal.SIGINT)
        rest, _ = self._process.communicate(timeout=20)
        assert self._process.returncode == 0, rest
        return rest

    def end(self) -> None:
        if self._process.poll() is None:
            self._process.kill()
            self._process.communicate()


@contextmanager
def running(home: Path, *words: str) -> Iterator[Process]:
    process = Process(home, "--start", OPENING, *words)
    try:
        yield process
    finally:
        process.end()


def place(client: RawClient, number: int, *, tif: str = "GTC", limit: str = "150") -> bytes:
    words = {
        "id": str(number),
        "side": "BUY",
        "quantity": "10",
        "symbol": "MSFT",
        "type": "LMT",
        "limit": limit,
    }
    client.send(request_fields("placeOrder", words | {"tif": tif, "ref": f"T-{number}"}))
    return client.read_until(b"3", place=1, value=str(number).encode())[6]


def test_it_says_where_it_is_and_ends_cleanly(tmp_path: Path):
    with running(tmp_path, "--seed", "7") as process:
        text = "\n".join(process.said)
        assert "DU1000001" in text and "2026-11-20T15:00" in text and re.search(r"seed\s+7", text)
        assert "closed" in process.interrupt()
    assert list((tmp_path / "simgateway").iterdir()) == []


def test_orders_and_ids_survive_a_restart(tmp_path: Path):
    state = str(tmp_path / "state")
    with running(tmp_path, "--state", state) as process:
        client = RawClient(process.port, 1)
        perm_id = place(client, client.next_id + 6)
        client.close()
        process.interrupt()
    with running(tmp_path, "--state", state) as process:
        client = RawClient(process.port, 1)
        assert client.next_id == 8
        client.send(request_fields("reqOpenOrders", {}))
        assert client.read_until(b"5")[25] == perm_id
        process.interrupt()


def test_a_recorded_run_can_be_played_again_bit_for_bit(tmp_path: Path):
    ledger = tmp_path / "day.jsonl"
    with running(tmp_path, "--ledger", str(ledger), "--speed", "60") as process:
        client = RawClient(process.port, 1)
        place(client, 1)
        place(client, 2, limit="900", tif="DAY")
        ask_door(process.door, "quote", {"symbol": "MSFT", "bid": "140", "ask": "140.05"})
        ask_door(process.door, "clock", {"how": "step", "value": "5min"})
        ask_door(process.door, "fault", {"kind": "duplicate", "message": "execDetails"})
        place(client, 3)
        process.interrupt()
    outcome = replay(read_ledger(ledger))
    assert (outcome.difference, outcome.inputs > 5, outcome.outputs > 20) == ("", True, True)


def test_a_changed_record_is_noticed(tmp_path: Path):
    ledger = tmp_path / "day.jsonl"
    with running(tmp_path, "--ledger", str(ledger)) as process:
        place(RawClient(process.port, 1), 1)
        process.interrupt()
    lines = list(read_ledger(ledger))
    told = next(line for line in lines if line.get("name") == "orderStatus")
    told["fields"][6] = "12345"
    assert "orderStatus" in replay(lines).difference


def test_the_control_door_reads_and_turns(tmp_path: Path):
    with running(tmp_path, "--paused") as process:
        client = RawClient(process.port, 4)
        place(client, 1)
        assert ask_door(process.door, "status", {})["clients"][0]["client_id"] == 4
        assert ask_door(process.door, "orders", {})["orders"][0]["reference"] == "T-1"
        assert ask_door(process.door, "clock", {"how": "step", "value": "1h"})["time"].startswith(
            "2026-11-20T16:00"
        )
        ask_door(process.door, "fault", {"kind": "mute", "message": "openOrderEnd"})
        assert ask_door(process.door, "faults", {})["faults"][0]["kind"] == "mute"
        assert ask_door(process.door, "scenario", {"name": "outage"})["planned"] == 4
        ask_door(process.door, "clock", {"how": "step", "value": "1min"})
        assert client.read_until(b"4", place=3, value=b"1100")
        with pytest.raises(DoorClosed, match="does not know"):
            ask_door(process.door, "explode", {})
        with pytest.raises(DoorClosed, match="token"):
            ask_door((process.door[0], "wrong"), "status", {})
