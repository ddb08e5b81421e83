"""A simulated gateway in a process of its own, as a stranger would start it, for a real client to talk to."""

import contextlib
import json
import os
import re
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
OPENING = "2026-11-18T14:35:00Z"  # Wednesday, five minutes into New York's session


@dataclass(frozen=True)
class RunningGateway:
    port: int
    ledger: Path

    def records(self, kind: str) -> list[dict[str, object]]:
        """What the ledger holds of one kind, oldest first."""
        lines = [json.loads(line) for line in self.ledger.read_text().splitlines()]
        return [line for line in lines if line["kind"] == kind]


def _port_of(process: subprocess.Popen[str], seconds: float = 30) -> int:
    assert process.stdout is not None
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if not select.select([process.stdout], [], [], 0.2)[0]:
            continue
        line = process.stdout.readline()
        if found := re.search(r"127\.0\.0\.1:(\d+)", line):
            return int(found[1])
        if not line:
            break
    raise AssertionError(f"the gateway never said where it listens (exit {process.poll()})")


@contextlib.contextmanager
def running(folder: Path, *options: str) -> Iterator[RunningGateway]:
    """Start it, wait for its address, and stop it as Ctrl-C would."""
    ledger = folder / "ledger.jsonl"
    python = os.environ.get("SIM_GATEWAY_PYTHON", sys.executable)
    command = [python, "manage.py", "run_sim_gateway", "--port", "0", "--seed", "7", "--start", OPENING]
    command += ["--ledger", str(ledger), *options]
    process = subprocess.Popen(command, cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    try:
        yield RunningGateway(port=_port_of(process), ledger=ledger)
    finally:
        process.send_signal(2)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            raise
        finally:
            if process.stdout:
                process.stdout.close()
