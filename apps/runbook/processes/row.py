"""One row of the table: a process to keep running, or a step to run once in its turn."""

import signal
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


def nothing() -> None:
    """A row that needs no preparation."""


def always() -> bool:
    """The answer of a row that is ready once it has been started, and of one that is always wanted."""
    return True


@dataclass(frozen=True, slots=True)
class Row:
    """What the supervisor needs to know about one process."""

    name: str
    title: str
    command: Callable[[], list[str]]
    once: bool = False
    needed: Callable[[], bool] = always  # asked in its turn; a step with nothing to do is passed over
    beside: bool = False  # need not wait for the row before it, nor the next such row for it
    first: Callable[[], None] = nothing  # once; not when it is started again
    before: Callable[[], None] = nothing
    ready: Callable[[], bool] = always
    after: Callable[[], None] = nothing
    stop_signal: signal.Signals = signal.SIGTERM
    start_within: float = 60.0
    stop_within: float = 15.0
    restarts: bool = True
    environment: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)
    folder: Path = Path("/")
