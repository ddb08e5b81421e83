"""A whole desk of real processes: the simulated gateway, the broker link, this test's database."""

import contextlib
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from django.test import override_settings

from apps.journal import clock
from tests.database import ROOT
from tests.gateway import OPENING, Gateway, end, gateway
from tests.nursery import Child, Nursery

__all__ = ["OPENING", "Gateway", "LinkProcess", "desk_clock", "desk_time", "eventually", "gateway"]

LINK = "link under test"  # what its connections to the database are called


@dataclass
class LinkProcess:
    environment: dict[str, str]
    log: Path
    nursery: Nursery | None = None
    process: "subprocess.Popen[bytes] | Child | None" = None
    _files: list[Any] = field(default_factory=list)

    def start(self, **extra: str) -> None:
        environment = {**self.environment, "PGAPPNAME": LINK, **extra}
        if self.nursery is not None:
            words = ["manage.py", "run_broker_link"]
            self.process = self.nursery.start(words, env=environment, cwd=ROOT, log=self.log)
            return
        file = self.log.open("ab")
        self._files.append(file)
        self.process = subprocess.Popen(
            [sys.executable, str(ROOT / "manage.py"), "run_broker_link"],
            env=environment,
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
            end(self.process)
        for file in self._files:
            file.close()


def eventually(question: Callable[[], Any], what: str, seconds: float = 20) -> Any:
    """The first answer that is true, or a failure that says what never was."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if answer := question():
            return answer
        time.sleep(0.05)
    raise AssertionError(f"never: {what}")


def desk_clock(started: Gateway) -> str:
    """The line that makes the desk's clock the gateway's."""
    moment = datetime.fromisoformat(started.turn("status")["time"])
    return str(clock.Line(moment, time.time(), 1.0))


@contextlib.contextmanager
def desk_time(line: str) -> Iterator[None]:
    """This process reads the desk's clock too."""
    with override_settings(CLOCK=line):
        yield
