"""What was measured, beside what, and what was aimed for."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One quantity: its median, its worst twentieth and hundredth, and how many times the baseline it is."""

    name: str
    unit: str
    samples: int
    median: float
    p95: float
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
        p95=round(share(ours, 0.95) * factor, 2),
        p99=round(share(ours, 0.99) * factor, 2),
        baseline=beside,
        baseline_median=round(share(theirs, 0.5) * factor, 2),
        baseline_p99=round(share(theirs, 0.99) * factor, 2),
        aim=aim,
    )


def table(figures: Sequence[Figure]) -> str:
    """For a terminal."""
    head = f"{'':44}{'n':>5}{'median':>11}{'p95':>11}{'p99':>11}{'× base':>8}  aim"
    rows = [head]
    for one in figures:
        ours = "".join(f"{value:>8.1f} {one.unit}" for value in (one.median, one.p95, one.p99))
        rows.append(f"{one.name:44}{one.samples:>5}{ours}{one.ratio:>8.1f}  {one.aim}")
        beside = f"  beside {one.baseline}"
        theirs = f"{one.baseline_median:>8.1f} {one.unit}{'':11}{one.baseline_p99:>8.1f} {one.unit}"
        rows.append(f"{beside:49}{theirs}")
    return "\n".join(rows)
