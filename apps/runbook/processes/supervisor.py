"""The one process that starts the desk's processes in order, watches them, and stops every one of them."""

import signal
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from apps.runbook.processes.child import Child
from apps.runbook.processes.row import Row

LOOK_EVERY = 0.1
BACK_OFF = (1.0, 2.0, 5.0, 10.0, 30.0)
STEADY_AFTER = 60.0
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class StartFailed(Exception):
    """A row did not come up; the text says which and shows the end of its log."""


class StopAsked(Exception):
    """Somebody asked to stop while the rows were still being started."""


class Supervisor:
    """Owns what it starts. Rows start in the table's order and stop in the opposite one."""

    def __init__(self, rows: Iterable[Row], *, logs: Path, say: Callable[[str], None] = print) -> None:
        self.rows = list(rows)
        self.logs = logs
        self.say = say
        self.children: list[Child] = []
        self.asked_by: int | None = None
        self.failures: dict[str, int] = {}
        self.due: dict[str, tuple[float, Row]] = {}

    def listen(self) -> None:
        """Take the stop signals; a second one changes nothing, so that no process is left behind."""
        for number in STOP_SIGNALS:
            signal.signal(number, self.hear)

    def hear(self, number: int, _frame: object) -> None:
        self.asked_by = number

    def start(self) -> None:
        """Start every row and wait until it is ready; on a failure stop what runs and say why.

        Rows that stand beside one another start together: three interpreters load while one would.
        """
        self.logs.mkdir(mode=0o700, parents=True, exist_ok=True)
        together: list[Child] = []
        for row in self.rows:
            if not row.beside:
                self.settle(together)
            if not row.needed():
                self.say(f"  ✓ {row.title}  nothing to do")
                continue
            self.say(f"  · {row.title} …")
            together.append(self.start_row(row))
            if not row.beside:
                self.settle(together)
        self.settle(together)

    def start_row(self, row: Row) -> Child:
        """Run what comes before a row, and the row."""
        row.first()
        row.before()
        child = Child(row, self.logs / f"{row.name}.log")
        self.children.append(child)
        return child

    def settle(self, together: list[Child]) -> None:
        """Wait for each of them, and run what comes after it."""
        while together:
            child = together.pop(0)
            self.wait_ready(child)
            child.row.after()
            if child.row.once:
                self.children.remove(child)
            self.say(f"  ✓ {child.row.title}  {time.monotonic() - child.started_at:.1f} s")

    def wait_ready(self, child: Child) -> None:
        """Wait until a process answers, or a step has ended well."""
        row = child.row
        limit = time.monotonic() + row.start_within
        while time.monotonic() < limit:
            if self.asked_by is not None:
                raise StopAsked
            code = child.exit_code()
            if row.once and code == 0:
                return
            if code is not None:
                raise StartFailed(f"{row.title} ended with code {code}. {self.why(child)}")
            if not row.once and row.ready():
                return
            time.sleep(LOOK_EVERY / 2)
        raise StartFailed(f"{row.title} was not ready within {row.start_within:.0f} s. {self.why(child)}")

    def why(self, child: Child) -> str:
        return f"The end of {child.log}:\n{child.last_lines()}"

    def watch(self, until: Callable[[], bool] = lambda: False) -> None:
        """Stay until asked to stop; start again what died, each time a little later."""
        while self.asked_by is None and not until():
            for child in list(self.children):
                if child.exit_code() is not None:
                    self.note_death(child)
            self.restart_what_is_due()
            time.sleep(LOOK_EVERY)

    def note_death(self, child: Child) -> None:
        """Take a dead child off the list and decide when it comes back."""
        row = child.row
        self.children.remove(child)
        child.kill_what_is_left()
        if not row.restarts:
            raise StartFailed(f"{row.title} ended with code {child.exit_code()}. {self.why(child)}")
        lived = time.monotonic() - child.started_at
        failures = 0 if lived > STEADY_AFTER else self.failures.get(row.name, 0)
        self.failures[row.name] = failures + 1
        pause = BACK_OFF[min(failures, len(BACK_OFF) - 1)]
        self.due[row.name] = (time.monotonic() + pause, row)
        self.say(f"  ! {row.title} ended with code {child.exit_code()}; again in {pause:.0f} s ({child.log})")

    def restart_what_is_due(self) -> None:
        """Start again, without waiting for readiness: the others must go on being watched."""
        for name, (at, row) in list(self.due.items()):
            if time.monotonic() >= at:
                del self.due[name]
                row.before()
                self.children.append(Child(row, self.logs / f"{name}.log"))
                self.say(f"  ✓ {row.title} started again")

    def stop(self) -> None:
        """Stop every child, the last started first, and leave none."""
        while self.children:
            child = self.children.pop()
            child.ask_to_stop()
            if not child.see_stopped():
                self.say(f"  ! {child.row.title} did not stop by itself and was killed")
