"""One run of the simulated gateway: sockets, control door, clock, state and scenario together."""

import asyncio
import gc
import json
import os
import secrets
import signal
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from apps.simgateway.assembly import Setup, build_machine
from apps.simgateway.clock import Clock, Turn, read_instant, read_span, read_turn_of_pace
from apps.simgateway.control import LOOPBACK, ControlDoor
from apps.simgateway.data.loading import read
from apps.simgateway.doorfile import door_path, forget_doors
from apps.simgateway.exchange.instant import Instant, to_datetime
from apps.simgateway.phrases import read_scenario
from apps.simgateway.readings import READINGS
from apps.simgateway.record import Ledger
from apps.simgateway.server import Server
from apps.simgateway.state import Keeper, StateFile

SCENARIOS = Path(__file__).parent / "scenarios"
_KEEP_SECONDS = 0.05
_STEPS_A_SECOND = 20  # of quotes, at most, by the machine's own clock
_STEPS_MS = (500, 1_000, 2_000, 5_000, 10_000, 15_000, 20_000, 30_000, 60_000, 300_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What a run is asked to be."""

    host: str = LOOPBACK
    port: int = 4002
    seed: int = 1
    accounts: int = 1
    book: Path | None = None
    start: Instant | None = None
    since: Instant | None = None  # when by the machine's clock it was that time; now, unless told
    speed: float = 1.0
    turns: tuple[Turn, ...] = ()
    paused: bool = False
    state: Path | None = None
    ledger: Path | None = None
    scenario: str = ""
    control: int | None = None
    control_folder: Path | None = None
    switches: dict[str, str] = field(default_factory=dict)


class Run:
    """Starts, serves until told to stop, and leaves everything written."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self.clock = Clock(options.start, since=options.since, speed=options.speed)
        for turn in options.turns:
            self.clock.turn_at(*turn)
        if options.paused:
            self.clock.pause()
        file = StateFile(options.state) if options.state else None
        state = file.read() if file else None
        if state is not None and state["now"] > self.clock.now():  # whatever time it is told: that was lived
            self.clock.move_to(state["now"])
        path = options.ledger or (options.state / "ledger.jsonl" if options.state else None)
        setup = Setup(
            seed=options.seed,
            accounts=options.accounts,
            book=read(options.book.name, options.book.absolute().parent) if options.book else None,
            start=self.clock.now(),
            switches=_paced(options.speed) | options.switches,
            state=state,
        )
        self.machine = build_machine(setup, Ledger(path))
        self._keeper = Keeper(file, self.machine.gateway.dump) if file else None
        self._kept_at = self.machine.ledger.count
        self.server = Server(self.machine, self.clock)
        self.token = secrets.token_urlsafe(24)
        self._door = ControlDoor(self.turn, self.token)
        self._saver: asyncio.TimerHandle | None = None
        self._token_file: Path | None = None
        self.port = 0
        self.control_port = 0

    async def start(self) -> None:
        """Open the doors and begin the scenario."""
        self.port = await self.server.listen(self._options.host, self._options.port)
        if self._options.control is not None:
            self.control_port = await self._door.listen(self._options.control)
            self._leave_token()
        if self._options.scenario:
            self._play(self._options.scenario)
        self._keep()

    async def stop(self) -> None:
        if self._saver is not None:
            self._saver.cancel()
        await self._door.stop()
        await self.server.stop()
        if self._keeper is not None:
            self._keeper.changed()
            self._keeper.keep(at_once=True)
        if self._token_file is not None:
            self._token_file.unlink(missing_ok=True)

    def turn(self, verb: str, args: dict[str, Any]) -> dict[str, Any]:
        """One turn at the control door. What it did stands in the ledger's file before it is answered."""
        try:
            return self._turned(verb, args)
        finally:
            self.machine.ledger.flush()

    def _turned(self, verb: str, args: dict[str, Any]) -> dict[str, Any]:
        """Of the clock, a reading, or of the gateway."""
        if verb == "clock":
            return self._turn_clock(args)
        if verb == "scenario":
            return {"planned": self._play(str(args.get("name", "")))}
        if verb in READINGS:
            return READINGS[verb](self.machine, args)
        return self.server.control(verb, args)

    def _turn_clock(self, args: dict[str, Any]) -> dict[str, Any]:
        how, value = str(args.get("how", "")), str(args.get("value", ""))
        if how not in _CLOCK_TURNS:
            known = ", ".join(name for name in _CLOCK_TURNS if name)
            raise ValueError(f"the clock does not know '{how}'; it knows: {known}")
        _CLOCK_TURNS[how](self.clock, value)
        self.server.wake()
        return {"time": to_datetime(self.clock.now()).isoformat(), "speed": self.clock.speed}

    def _play(self, name: str) -> int:
        """Plan the turns of a scenario from now on; answers how many there are."""
        path = Path(name) if name.endswith(".txt") else SCENARIOS / f"{name}.txt"
        if not path.is_file():
            known = sorted(found.stem for found in SCENARIOS.glob("*.txt"))
            raise ValueError(
                f"no scenario {name}; there are: {', '.join(known)}, or a file that ends in .txt"
            )
        began, count = self.clock.now(), 0
        for timed in read_scenario(path):
            self.machine.plan(began + timed.after if timed.at is None else timed.at, timed.turn)
            count += 1
        self.server.wake()
        return count

    def _leave_token(self) -> None:
        """Where the `sim` command finds the door: a file that only this user can read, there whole or not."""
        if self._options.control_folder is None:
            return
        path = self._token_file = door_path(self._options.control_folder, self.control_port)
        path.parent.mkdir(parents=True, exist_ok=True)
        forget_doors(path.parent, self.port)
        half = path.with_suffix(".part")
        half.unlink(missing_ok=True)
        handle = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as file:
            json.dump({"port": self.control_port, "token": self.token, "gateway": self.port}, file)
        half.replace(path)

    def _keep(self) -> None:
        if self._keeper is None:
            return
        if self.machine.ledger.count != self._kept_at:
            self._kept_at = self.machine.ledger.count
            self._keeper.changed()
        self._keeper.keep()
        self._saver = asyncio.get_running_loop().call_later(_KEEP_SECONDS, self._keep)


def _paced(speed: float) -> dict[str, str]:
    """On a fast clock quotes change in longer steps: a second has no more than can be told."""
    for step_ms in _STEPS_MS:
        if step_ms >= speed * 1_000 / _STEPS_A_SECOND:
            break
    return {"step_ms": str(step_ms)} if step_ms > _STEPS_MS[0] else {}


_CLOCK_TURNS: dict[str, Callable[[Clock, str], object]] = {
    "": lambda clock, value: None,
    "pause": lambda clock, value: clock.pause(),
    "resume": lambda clock, value: clock.resume(),
    "speed": lambda clock, value: clock.run_at(float(value)),
    "turn": lambda clock, value: clock.turn_at(*read_turn_of_pace(value)),
    "step": lambda clock, value: clock.step(read_span(value)),
    "to": lambda clock, value: clock.move_to(read_instant(value)),
}


async def serve(options: Options, say: Callable[[str], None]) -> None:
    """Run until interrupted."""
    run = Run(options)
    over = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, over.set)
    await run.start()
    _settle_memory()
    try:
        for line in described(run, options):
            say(line)
        await over.wait()
    finally:
        await run.stop()
    say("The gateway is closed.")


def _settle_memory() -> None:
    """What the start made stays: the collector need not walk through it in the middle of an order."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


def described(run: Run, options: Options) -> list[str]:
    """What a person wants to know when it is up."""
    accounts = ", ".join(run.machine.gateway.accounts.names)
    pace = "standing still" if run.clock.is_paused else f"{run.clock.speed:g} × real time"
    lines = [
        f"Simulated gateway on {options.host}:{run.port}",
        f"  accounts  {accounts}",
        f"  clock     {to_datetime(run.clock.now()).isoformat(timespec='seconds')}, {pace}",
        f"  seed      {options.seed}",
    ]
    if run.control_port:
        lines.append(f"  control   http://{LOOPBACK}:{run.control_port} (manage.py sim status)")
        lines.append(f"  token     {run.token}")
    return [*lines, "Ctrl-C ends it."]
