"""The desk of a soak: real processes on one clock, to be killed, restarted and moved through the days."""

import contextlib
import os
import signal
import time
import urllib.error
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import psutil
from django.db import close_old_connections, connection
from django.test import override_settings

from apps.broker.ports import REREAD
from apps.broker.queries import link_view
from apps.desks.models import Account
from apps.journal import clock
from apps.journal.queries import head_sequence
from tests.database import ROOT
from tests.gateway import Gateway, end, gateway
from tests.nursery import Child, Nursery

LOOK = 0.1
FAST = 20_000.0  # how many seconds of the day pass in one, while nothing is to happen
SHORTEST = 0.4  # seconds of the wall that a jump takes at least
QUIET_MS = 30_000_000  # between two quotes of one stream while the clock is fast
SLOW_STEPS = ("--switch", "step_ms=30000")  # a soak moves the market by itself
WORKER, LINK = "run_worker", "run_broker_link"


class Never(AssertionError):
    """What was waited for did not come."""


@dataclass
class Processes:
    """Gateway, link and worker, each started from the nursery."""

    nursery: Nursery
    folder: Path
    environment: dict[str, str]
    simulator: Gateway | None = None
    account: Account | None = None
    running: dict[str, Child] = field(default_factory=dict)
    ledgers: list[Path] = field(default_factory=list)
    _gateway: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)

    @property
    def clock_file(self) -> Path:
        return self.folder / "clock"

    @property
    def state_file(self) -> Path:
        return self.folder / "state" / "gateway.json"

    @property
    def port(self) -> int:
        assert self.simulator is not None
        return self.simulator.port

    # time

    def set_clock(self, *lines: clock.Line) -> None:
        part = self.clock_file.with_suffix(".part")
        part.write_text(";".join(str(line) for line in lines))
        os.replace(part, self.clock_file)

    @contextlib.contextmanager
    def on_its_clock(self, moment: datetime) -> Iterator[None]:
        """This process and every one that is started from here on read one file."""
        self.set_clock(clock.Line(moment, time.time(), 1.0))
        self.environment["TRADINGDESK_CLOCK"] = f"{clock.FOLLOW}{self.clock_file}"
        with override_settings(CLOCK=self.environment["TRADINGDESK_CLOCK"]):
            yield

    def jump(self, to: datetime) -> None:
        """Everybody's clock goes there fast, bending at moments that all of them are told beforehand."""
        wall = time.time()
        begin, starts = clock.line_at(wall), wall + clock.LEAD
        assert begin is not None
        left = (to - begin.at(starts)).total_seconds()
        if left <= 1:
            return
        seconds = max(SHORTEST, left / FAST)
        ends, speed = starts + seconds, left / seconds
        self.set_clock(begin, clock.Line(begin.at(starts), starts, speed), clock.Line(to, ends, 1.0))
        self.turn("switch", name="quote_pause_ms", value=str(QUIET_MS))
        for moment, pace in ((starts, speed), (ends, 1.0)):
            self.turn("clock", how="turn", value=f"{moment:.6f} {pace:.9g}")
        while time.time() < ends:
            time.sleep(LOOK)
        self.turn("switch", name="quote_pause_ms", value="0")
        self.ask_for_everything()

    def ask_for_everything(self) -> None:
        """What was read before a jump is hours old after it; the link reads by the wall's minutes."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_notify('journal', %s)", [f"{head_sequence()} {REREAD}"])

    # the gateway

    def open_gateway(self) -> None:
        """With what it remembers; its clock is set to ours, to a few milliseconds."""
        night = self.folder / f"run-{len(self.ledgers) + 1:03}"
        night.mkdir()
        port = self.simulator.port if self.simulator else 0
        options = ["--state", str(self.state_file.parent), *SLOW_STEPS]
        start = clock.now().strftime("%Y-%m-%dT%H:%M:%SZ")
        self.simulator = self._gateway.enter_context(
            gateway(night, *options, start=start, port=port, nursery=self.nursery)
        )
        self.ledgers.append(self.simulator.ledger)
        self.simulator.turn("clock", how="to", value=clock.now().isoformat())

    def close_gateway(self) -> None:
        self._gateway.close()

    def turn(self, verb: str, **args: Any) -> dict[str, Any]:
        assert self.simulator is not None
        try:
            return self.simulator.turn(verb, **args)
        except urllib.error.HTTPError as refused:
            raise ValueError(f"{verb} {args}: {refused.read().decode()}") from None

    # link and worker

    def start(self, name: str) -> None:
        log = self.folder / f"{name}.log"
        self.running[name] = self.nursery.start(["manage.py", name], env=self.environment, cwd=ROOT, log=log)

    def stop(self, name: str) -> None:
        child = self.running.pop(name, None)
        if child is not None:
            end(child)

    def kill(self, name: str) -> None:
        """As the machine's memory guard would: the process and whatever it had started, without a word."""
        child = self.running.pop(name)
        family = [psutil.Process(child.pid), *psutil.Process(child.pid).children(recursive=True)]
        for process in family:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.send_signal(signal.SIGKILL)
        child.wait(10)

    def is_ready(self) -> bool:
        """By the word of the link that runs now."""
        assert self.account is not None
        child, view = self.running.get(LINK), link_view(self.account.gateway_id, clock.now())
        return child is not None and view.ready and view.row is not None and view.row.pid == child.pid

    def end_all(self) -> None:
        for name in list(self.running):
            self.stop(name)
        self.close_gateway()
        close_old_connections()

    def last_words(self, name: str, count: int = 3000) -> str:
        log = self.folder / f"{name}.log"
        return log.read_text()[-count:] if log.exists() else ""
