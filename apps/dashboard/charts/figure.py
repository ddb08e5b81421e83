"""A chart as a page shows it: the figure, what it says in words, and its numbers as a table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

MOST = 2000  # points of one line
ROWS = 60  # of the table beside a chart; the whole is in the CSV and the JSON
HIDDEN = {"showlegend": False}


# Stand for the theme's tokens: Plotly wants colours, and only the browser knows the reader's.
INKS = {
    "ink": "#010101", "muted": "#020202", "line": "#030303", "edge": "#040404", "mark": "#050505",
    "pos": "#060606", "neg": "#070707", "buy": "#080808", "sell": "#090909", "panel": "#0a0a0a",
    "faint": "#0b0b0b",
}  # fmt: skip


def ink(name: str) -> str:
    return INKS[name]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """`said` is the whole chart in a sentence, for whoever does not see it."""

    name: str
    title: str
    note: str
    said: str
    figure: Mapping[str, Any] | None  # None: there is nothing to draw yet
    head: Sequence[str] = ()
    rows: Sequence[Sequence[Any]] = ()
    width: str = "w4"
    low: bool = False
    empty: str = "Nothing to draw yet: the first session's report brings the first point."

    @property
    def element(self) -> str:
        """Where the page keeps the figure."""
        return f"figure-{self.name}"


def made(traces: Sequence[Any], **layout: Any) -> dict[str, Any]:
    """Plotly checks every name and value; its bulky template is left out."""
    base = {"margin": {"l": 44, "r": 12, "t": 14, "b": 26}, "bargap": 0.35, "dragmode": "zoom", **HIDDEN}
    drawn = go.Figure(layout=go.Layout(template=None, **{**base, **layout})).to_plotly_json()
    figure = {"data": [undyed(trace) for trace in traces], "layout": drawn["layout"]}
    figure["layout"].pop("template", None)
    figure["layout"]["uirevision"] = "kept"
    return figure


def undyed(trace: Any) -> dict[str, Any]:
    shown: dict[str, Any] = trace.to_plotly_json()
    return shown


def thinned(rows: Sequence[Any], most: int = MOST) -> list[Any]:
    """Every so-manieth, and always the last."""
    if len(rows) <= most:
        return list(rows)
    step = -(-len(rows) // most)
    kept = list(rows[::step])
    return kept if kept[-1] is rows[-1] else [*kept, rows[-1]]
