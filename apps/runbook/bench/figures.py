"""What was measured, beside what, and what was aimed for."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One quantity: its median and its worst hundredth, and how many times the baseline's median it is."""

    name: str
    unit: str
    samples: int
    median: float
    p99: float
    baseline: str
    baseline_median: float
    baseline_p99: float
    aim: str

    @property
    def ratio(self) -> float:
        return self.median / self.baseline_median if self.baseline_median else 0.0

    def told(self) -> dict[str, Any]:
        return asdict(self) | {"ratio": round(self.ratio, 2)}


def share(ordered: Sequence[float], part: float) -> float:
    """The value below which that part of the samples lies; of few samples the 99th is the worst."""
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))]


def figure(
    name: str,
    samples: Sequence[float],
    *,
    beside: str,
    baseline: Sequence[float],
    aim: str,
    unit: str = "ms",
) -> Figure:
    """Times are given in seconds and told in milliseconds; sizes are given and told in MB."""
    factor = 1000.0 if unit == "ms" else 1.0
    ours, theirs = sorted(samples), sorted(baseline)
    return Figure(
        name=name,
        unit=unit,
        samples=len(ours),
        median=round(share(ours, 0.5) * factor, 2),
        p99=round(share(ours, 0.99) * factor, 2),
        baseline=beside,
        baseline_median=round(share(theirs, 0.5) * factor, 2),
        baseline_p99=round(share(theirs, 0.99) * factor, 2),
        aim=aim,
    )


def table(figures: Sequence[Figure]) -> str:
    """For a terminal."""
    head = f"{'':44}{'n':>5}{'median':>11}{'p99':>11}{'× base':>8}  aim"
    rows = [head]
    for one in figures:
        row = f"{one.name:44}{one.samples:>5}{one.median:>8.1f} {one.unit}{one.p99:>8.1f} {one.unit}"
        rows.append(f"{row}{one.ratio:>8.1f}  {one.aim}")
        base = f"  beside {one.baseline}"
        rows.append(f"{base:49}{one.baseline_median:>8.1f} {one.unit}{one.baseline_p99:>8.1f} {one.unit}")
    return "\n".join(rows)
