"""A desk of its own to measure: a home, PostgreSQL with all its guarantees, and the simulated gateway."""

import contextlib
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tradingdesk import env

OPENING = "2026-11-18T14:40:00Z"  # Wednesday, ten minutes into New York's session
WITHIN = 120.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Rig:
    """What the measuring process is told."""

    home: Path
    environment: dict[str, str]
    port: int
    door: int
    token: str
    ledger: Path
    pids: dict[str, int]


def manage(*words: str) -> list[str]:
    return [sys.executable, str(env.BASE_DIR / "manage.py"), *words]


@contextlib.contextmanager
def rig() -> Iterator[Rig]:
    """Everything is started here and stopped here; nothing of it is left on the machine."""
    with tempfile.TemporaryDirectory(prefix="desk-bench-") as folder, contextlib.ExitStack() as stack:
        home = Path(folder)
        known = {
            k: v for k, v in os.environ.items() if not k.startswith("TRADINGDESK_") and k != "DATABASE_URL"
        }
        if user := os.environ.get("TRADINGDESK_PG_USER"):
            known["TRADINGDESK_PG_USER"] = user
        environment = known | {
            "TRADINGDESK_HOME": folder,
            "TRADINGDESK_ENV_FILE": "",
            "TRADINGDESK_MODE": "sim",
        }
        database = stack.enter_context(
            child(manage("database", "run", "--owner", str(os.getpid())), environment, home / "database.log")
        )
        wait_for_words(home / "database.log", "✓ PostgreSQL", database)
        ledger = home / "ledger.jsonl"
        gateway_words = [
            "--port",
            "0",
            "--seed",
            "7",
            "--start",
            OPENING,
            "--ledger",
            str(ledger),
            "--control",
            "0",
        ]
        gateway = stack.enter_context(
            child(manage("run_sim_gateway", *gateway_words), environment, home / "gateway.log")
        )
        said = wait_for_words(home / "gateway.log", "Ctrl-C", gateway)
        subprocess.run(
            manage("migrate", "--no-input", "--verbosity", "0"), env=environment, check=True, timeout=WITHIN
        )
        yield Rig(
            home=home,
            environment=environment,
            port=int(found(r"127\.0\.0\.1:(\d+)", said)),
            door=int(found(r"http://127\.0\.0\.1:(\d+)", said)),
            token=found(r"token\s+(\S+)", said),
            ledger=ledger,
            pids={"gateway": gateway.pid, "database": database.pid},
        )


@contextlib.contextmanager
def child(command: list[str], environment: dict[str, str], log: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """A process for as long as the block lasts."""
    with log.open("ab") as output:
        process = subprocess.Popen(
            command, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT
        )
        try:
            yield process
        finally:
            end(process)


def end(process: "subprocess.Popen[bytes]") -> None:
    """As Ctrl-C would; what does not listen is killed."""
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(10)


def wait_for_words(log: Path, words: str, process: "subprocess.Popen[bytes]") -> str:
    until = time.monotonic() + WITHIN
    while time.monotonic() < until and process.poll() is None:
        if words in (said := log.read_text()):
            return said
        time.sleep(0.02)
    raise RuntimeError(f"it did not start:\n{log.read_text()[-2000:]}")


def found(pattern: str, text: str) -> str:
    match = re.search(pattern, text)
    if match is None:
        raise RuntimeError(f"the gateway did not say {pattern}: {text}")
    return match[1]
