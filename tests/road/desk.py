"""A whole desk of real processes: the simulated gateway, the broker link, this test's database."""

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from django.test import override_settings

from apps.journal import clock
from tests.database import ROOT

OPENING = "2026-11-18T14:40:00Z"  # Wednesday, ten minutes into New York's session


@dataclass
class Gateway:
    """The simulated gateway's process, its ground truth, and its control door."""

    process: "subprocess.Popen[str]"
    port: int
    door: int
    token: str
    ledger: Path

    def turn(self, verb: str, **args: Any) -> dict[str, Any]:
        """One turn at the control door."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.door}/{verb}",
            data=json.dumps(args).encode(),
            headers={"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            told: dict[str, Any] = json.load(answer)
            return told

    def records(self, kind: str) -> list[dict[str, Any]]:
        lines = [json.loads(line) for line in self.ledger.read_text().splitlines()]
        return [line for line in lines if line["kind"] == kind]

    def placements(self) -> list[list[str]]:
        """Every placeOrder that arrived, field by field: what-ifs left out."""
        return [row["fields"] for row in self.records("in") if row["fields"][:1] == ["3"]]

    def stop(self) -> None:
        _stop(self.process)


@dataclass
class LinkProcess:
    environment: dict[str, str]
    log: Path
    process: "subprocess.Popen[bytes] | None" = None
    _files: list[Any] = field(default_factory=list)

    def start(self, **extra: str) -> None:
        file = self.log.open("ab")
        self._files.append(file)
        self.process = subprocess.Popen(
            [sys.executable, str(ROOT / "manage.py"), "run_broker_link"],
            env={**self.environment, **extra},
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
        )

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.wait(10)

    def wait_for_crash(self, seconds: float = 30) -> None:
        assert self.process is not None
        assert self.process.wait(seconds) == -signal.SIGKILL

    def stop(self) -> None:
        if self.process is not None:
            _stop(self.process)
        for file in self._files:
            file.close()


def _stop(process: "subprocess.Popen[Any]") -> None:
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(10)
    if process.stdout:
        process.stdout.close()


def eventually(question: Callable[[], Any], what: str, seconds: float = 20) -> Any:
    """The first answer that is true, or a failure that says what never was."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if answer := question():
            return answer
        time.sleep(0.05)
    raise AssertionError(f"never: {what}")


@contextlib.contextmanager
def gateway(folder: Path, *options: str, start: str = OPENING, port: int = 0) -> Iterator[Gateway]:
    """Start the simulated gateway as an operator would, and stop it."""
    ledger = folder / "ledger.jsonl"
    command = [sys.executable, str(ROOT / "manage.py"), "run_sim_gateway", "--port", str(port), "--seed", "7"]
    command += ["--start", start, "--ledger", str(ledger), "--control", "0", *options]
    environment = {
        **os.environ,
        "TRADINGDESK_HOME": str(folder),
        "DJANGO_SETTINGS_MODULE": "tradingdesk.settings",
    }
    process = subprocess.Popen(
        command, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=folder
    )
    try:
        said = _read_until(process, "Ctrl-C")
        yield Gateway(
            process=process,
            port=int(_found(r"127\.0\.0\.1:(\d+)", said)),
            door=int(_found(r"http://127\.0\.0\.1:(\d+)", said)),
            token=_found(r"token\s+(\S+)", said),
            ledger=ledger,
        )
    finally:
        _stop(process)


def _read_until(process: "subprocess.Popen[str]", last: str) -> str:
    """What it says up to that word; a process that ends without it has failed."""
    assert process.stdout is not None
    said = ""
    for line in process.stdout:
        said += line
        if last in line:
            return said
    raise AssertionError(f"the gateway ended: {said}")


def _found(pattern: str, text: str) -> str:
    found = re.search(pattern, text)
    assert found, text
    return found[1]


def desk_clock(started: Gateway) -> str:
    """The line that makes the desk's clock the gateway's."""
    moment = datetime.fromisoformat(started.turn("status")["time"])
    return str(clock.Line(moment, time.time(), 1.0))


@contextlib.contextmanager
def desk_time(line: str) -> Iterator[None]:
    """This process reads the desk's clock too."""
    with override_settings(CLOCK=line):
        yield
