"""Distributions of what fills cost: bars that the database binned, with the quantiles on them."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go

from apps.dashboard.charts.figure import Chart, ink, made
from apps.dashboard.charts.report import SLIPPAGE_SESSIONS, mark
from apps.dashboard.templatetags.desk import signed
from apps.reports.queries import Told


def binned(days: Sequence[Told]) -> Counter[int]:
    """The bins of several sessions, added up."""
    total: Counter[int] = Counter()
    for told in days:
        total.update({int(edge): count for edge, count in told.summary["slippage"]["bins"].items()})
    return total


def quantile_of(bins: Mapping[int, int], part: float) -> float | None:
    """Within the bin where it lies, as if its fills were spread evenly."""
    whole = sum(bins.values())
    if not whole:
        return None
    wanted, below = part * whole, 0
    for edge in sorted(bins):
        if below + bins[edge] >= wanted:
            return edge + (wanted - below) / bins[edge]
        below += bins[edge]
    return float(max(bins) + 1)


def slippage(days: Sequence[Told], *, collar: float | None) -> Chart:
    shown = days[-SLIPPAGE_SESSIONS:]
    bins = binned(shown)
    marks = {f"p{part}": quantile_of(bins, part / 100) for part in (50, 90, 99)}
    return histogram(
        "slippage", "Slippage", bins, marks, collar=collar,
        note=f"bps against the arrival mid, + is cost, {len(shown)} sessions, n = {sum(bins.values())}",
    )  # fmt: skip


def histogram(
    name: str,
    title: str,
    bins: Mapping[int, int],
    marks: Mapping[str, float | None],
    *,
    note: str,
    collar: float | None = None,
    **more: Any,
) -> Chart:
    edges = sorted(bins)
    trace = go.Bar(
        x=[edge + 0.5 for edge in edges],
        y=[bins[edge] for edge in edges],
        width=1,
        marker={"color": ink("mark"), "line": {"color": ink("panel"), "width": 1}},
        hovertemplate="%{y} fills<extra></extra>",
    )
    found = {word: value for word, value in marks.items() if value is not None}
    drawn = [mark(value, f"{word} {signed(value, 1)}") for word, value in found.items()]
    for place, (_, word) in enumerate(drawn):
        word["y"] = 1 - 0.16 * place
    if collar is not None and edges and edges[-1] >= collar / 2:
        drawn.append(mark(collar, f"collar {signed(collar, 0)}"))
    told = ", ".join(f"{word} {signed(value, 1)}" for word, value in found.items())
    return Chart(
        name=name,
        title=title,
        note=note,
        said=f"{sum(bins.values())} fills: {told or 'none can be compared'} bps.",
        figure=made(
            [trace],
            shapes=[shape for shape, _ in drawn],
            annotations=[word for _, word in drawn],
            yaxis={"showticklabels": False},
            xaxis={"zeroline": False, "tickformat": "+d"},
            margin={"l": 12, "r": 48, "t": 8, "b": 26},
            height=168,
        )
        if edges
        else None,
        head=("From, bps", "To, bps", "Fills"),
        rows=[(signed(edge, 0), signed(edge + 1, 0), bins[edge]) for edge in edges],
        low=True,
        empty="No fill can be compared with the market as its order was sent.",
        **more,
    )
