"""A simulated gateway in a process of its own, as a stranger would start it. Needs nothing of the desk."""

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.nursery import Child, Nursery

ROOT = Path(__file__).resolve().parent.parent
OPENING = "2026-11-18T14:40:00Z"  # Wednesday, ten minutes into New York's session


@dataclass
class Gateway:
    """Its process, its ground truth, and its control door."""

    process: "subprocess.Popen[str] | Child"
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
        """What the ledger holds of one kind, oldest first. It is written a little behind, but before a turn
        at the door is answered; of one that died, a line that was being written is left out."""
        with contextlib.suppress(OSError):
            self.turn("faults")
        lines = self.ledger.read_text().splitlines(keepends=True)
        rows = [json.loads(line) for line in lines if line.endswith("\n")]
        return [row for row in rows if row["kind"] == kind]

    def placements(self) -> list[list[str]]:
        """Every placeOrder that arrived, field by field, the what-ifs among them."""
        return [row["fields"] for row in self.records("in") if row["fields"][:1] == ["3"]]

    def stop(self) -> None:
        end(self.process)


def end(process: "subprocess.Popen[Any] | Child") -> None:
    """As Ctrl-C would; what does not listen is killed."""
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(10)
    if process.stdout:
        process.stdout.close()


@contextlib.contextmanager
def gateway(
    folder: Path, *options: str, start: str = OPENING, port: int = 0, nursery: Nursery | None = None
) -> Iterator[Gateway]:
    """Start it, wait until it listens, and end it."""
    ledger = folder / "ledger.jsonl"
    words = ["manage.py", "run_sim_gateway", "--port", str(port), "--seed", "7"]
    words += ["--start", start, "--ledger", str(ledger), "--control", "0", *options]
    environment = {**os.environ, "TRADINGDESK_HOME": str(folder)}
    environment.pop("DJANGO_SETTINGS_MODULE", None)
    log = folder / "gateway.log"
    log.touch()
    process = _start(words, environment, log) if nursery is None else None
    process = process or nursery.start(words, env=environment, cwd=folder, log=log)
    try:
        said = _read_until(process, log, "Ctrl-C")
        yield Gateway(
            process=process,
            port=int(_found(r"127\.0\.0\.1:(\d+)", said)),
            door=int(_found(r"http://127\.0\.0\.1:(\d+)", said)),
            token=_found(r"token\s+(\S+)", said),
            ledger=ledger,
        )
    finally:
        end(process)


def _start(words: list[str], environment: dict[str, str], log: Path) -> "subprocess.Popen[str]":
    """As a stranger would, with a Python of its own choice."""
    python = os.environ.get("SIM_GATEWAY_PYTHON", sys.executable)
    with log.open("w") as file:
        return subprocess.Popen(
            [python, str(ROOT / words[0]), *words[1:]],
            env=environment,
            text=True,
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            cwd=log.parent,
        )


def _read_until(process: "subprocess.Popen[str] | Child", log: Path, last: str) -> str:
    """What it says up to that word; a process that ends without it has failed."""
    while last not in (said := log.read_text()):
        if process.poll() is not None:
            raise AssertionError(f"the gateway ended: {log.read_text()}")
        time.sleep(0.02)
    return said


def _found(pattern: str, text: str) -> str:
    found = re.search(pattern, text)
    assert found, text
    return found[1]
