"""How much memory each process of the desk holds."""

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path

import psutil

from apps.runbook.bench.figures import Figure, figure
from apps.runbook.bench.rig import child, manage

SETTLE = 6.0  # seconds after which a process has loaded what it needs


def resident(pid: int) -> float:
    """A process and all its children, in MB."""
    whole = psutil.Process(pid)
    total = 0.0
    for process in [whole, *whole.children(recursive=True)]:
        with contextlib.suppress(psutil.NoSuchProcess):
            total += process.memory_info().rss / 1e6
    return total


def measure_sizes(
    running: dict[str, int], environment: dict[str, str], home: Path, bare: float
) -> list[Figure]:
    """Those that run already, and the worker, started for it."""
    with child(manage("run_worker"), environment, home / "worker.log") as process:
        time.sleep(SETTLE)
        if process.poll() is not None:
            raise RuntimeError(f"the worker ended: {(home / 'worker.log').read_text()[-1500:]}")
        found = {name: resident(pid) for name, pid in (running | {"worker": process.pid}).items()}
    return list(told(found, bare))


def told(found: dict[str, float], bare: float) -> Iterator[Figure]:
    for name, size in found.items():
        yield figure(
            f"resident memory: {name}",
            [size],
            beside="bare ib_insync client",
            baseline=[bare],
            aim="",
            unit="MB",
        )
