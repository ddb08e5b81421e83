"""The charts of a day's report, over the sessions up to it."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import plotly.graph_objects as go

from apps.dashboard.charts.figure import ROWS, Chart, ink, made, thinned
from apps.dashboard.templatetags.desk import money, signed
from apps.reports.queries import Told
from tradingdesk.domain.risk.breakers import BREAKERS
from tradingdesk.domain.scorecard import ExitType

TARGET = 60  # per cent of entries that fill
SLIPPAGE_SESSIONS = 21
SHOWN = 60  # sessions of bars; more would be hairlines
BANDS = ((25, "HALT"), (-25, "HALT"), (100, "EMERGENCY"), (-100, "EMERGENCY"))
BREAKER = float(BREAKERS["drawdown"].trips_at)


def line(x: Sequence[Any], y: Sequence[Any], name: str, **more: Any) -> Any:
    drawn = {
        "color": ink(more.pop("colour", "ink")),
        "width": more.pop("weight", 1.5),
        "dash": more.pop("dash", "solid"),
    }
    return go.Scatter(
        x=list(x), y=list(y), name=name, mode="lines", line=drawn | more.pop("shape", {}), **more
    )


def level(value: float, text: str, *, axis: str = "y") -> tuple[Any, Any]:
    """A dashed line across with its word on it."""
    note = {
        "xref": "paper", "x": 1, "yref": axis, "y": value, "text": text,
        "showarrow": False, "xanchor": "right", "yanchor": "bottom",
        "font": {"color": ink("muted"), "size": 11},
    }  # fmt: skip
    return dashed(value, "neg", axis), note


def dashed(value: float, colour: str, axis: str = "y") -> dict[str, Any]:
    return {
        "type": "line", "xref": "paper", "x0": 0, "x1": 1, "yref": axis, "y0": value, "y1": value,
        "line": {"color": ink(colour), "width": 1, "dash": "dash"},
    }  # fmt: skip


def sessions_axis(days: Sequence[str]) -> dict[str, Any]:
    """A bar for each session, no gap for a weekend, and no more words than fit."""
    step = max(1, -(-len(days) // 6))
    shown = list(days[::-step])[::-1]
    words = [f"{date.fromisoformat(day):%-d %b}" for day in shown]
    return {"type": "category", "tickmode": "array", "tickvals": shown, "ticktext": words, "tickangle": 0}


def mark(x: Any, text: str) -> tuple[Any, Any]:
    """A thin upright line with its word on top."""
    shape = {
        "type": "line", "yref": "paper", "y0": 0, "y1": 1, "xref": "x", "x0": x, "x1": x,
        "line": {"color": ink("muted"), "width": 1},
    }  # fmt: skip
    note = {
        "xref": "x", "x": x, "yref": "paper", "y": 1, "text": text, "showarrow": False, "xanchor": "left",
        "yanchor": "top", "xshift": 3, "font": {"color": ink("ink"), "size": 11},
    }  # fmt: skip
    return shape, note


def equity_of(days: Iterable[Told]) -> list[tuple[Told, Decimal]]:
    """What the account was worth by its results alone: money paid in or out changes nothing."""
    start, total, found = None, Decimal(0), []
    for told in days:
        net, nav = told.number("net"), told.number("nav")
        if start is None and nav is not None and net is not None:
            start = nav - net
        if start is None or net is None:
            continue
        total += net
        found.append((told, 100 * total / start))
    return found


def equity(days: Sequence[Told], notes: Sequence[tuple[str, str]]) -> Chart:
    points = equity_of(days)
    tops: list[Decimal] = []
    for _, value in points:
        tops.append(max([value, Decimal(0), *tops[-1:]]))
    falls = [100 * (value - top) / (100 + top) for (_, value), top in zip(points, tops, strict=True)]
    whole = [
        (told.day.isoformat(), float(round(value, 4)), float(round(top, 4)), float(round(fall, 4)))
        for (told, value), top, fall in zip(points, tops, falls, strict=True)
    ]
    said = "No session is counted yet."
    if whole:
        said = (
            f"Equity {signed(whole[-1][1])} % since {whole[0][0]}; now {signed(whole[-1][3])} % off its top, "
            f"at worst {signed(min(row[3] for row in whole))} %."
        )
    return Chart(
        name="equity",
        title="Equity and drawdown, account",
        note="% since the first report, deposits removed",
        said=said,
        figure=_equity_figure(thinned(whole), notes) if whole else None,
        head=("Session", "Equity, %", "Highest, %", "Drawdown, %"),
        rows=[(day, signed(value), signed(top), signed(fall)) for day, value, top, fall in whole[-ROWS:]][
            ::-1
        ],
        width="w8",
    )


def _equity_figure(rows: Sequence[tuple[str, float, float, float]], notes: Sequence[tuple[str, str]]) -> Any:
    days = [row[0] for row in rows]
    traces = [
        line(days, [row[2] for row in rows], "highest", colour="faint", weight=1, dash="dot"),
        line(days, [row[1] for row in rows], "equity"),
        line(
            days, [row[3] for row in rows], "drawdown", colour="muted", weight=1, fill="tozeroy",
            yaxis="y2", fillcolor="rgba(130,139,148,.22)",
        ),
    ]  # fmt: skip
    marks = [mark(day, text) for day, text in notes if days[0] <= day <= days[-1]]
    shapes, words = [one for one, _ in marks], [one for _, one in marks]
    lowest = min(row[3] for row in rows)
    if lowest < BREAKER / 2:
        shape, note = level(BREAKER, "breaker", axis="y2")
        shapes, words = [*shapes, shape], [*words, note]
    return made(
        traces,
        xaxis={"type": "date", "anchor": "y2"},
        yaxis={"domain": [0.42, 1], "ticksuffix": " %"},
        yaxis2={"domain": [0, 0.32], "ticksuffix": " %", "nticks": 4},
        hovermode="x unified",
        shapes=shapes,
        annotations=words,
        height=236,
    )


def daily(days: Sequence[Told], currency: str) -> Chart:
    known = [(told.day.isoformat(), told.number("net")) for told in days]
    rows = [(day, net) for day, net in known if net is not None][-SHOWN:]
    up = sum(1 for _, net in rows if net > 0)
    down = sum(1 for _, net in rows if net < 0)
    mean = _means([float(net) for _, net in rows], 20)
    traces = [
        go.Bar(
            x=[day for day, _ in rows],
            y=[float(net) for _, net in rows],
            name="net",
            marker={"color": [ink("pos" if net >= 0 else "neg") for _, net in rows]},
        ),
        line([day for day, _ in rows], mean, "mean of 20", colour="muted", weight=1),
    ]
    last = f", the last {signed(rows[-1][1])}" if rows else ""
    return Chart(
        name="daily",
        title="Daily P&L",
        note=f"{currency} net of fees",
        said=f"Net result of {len(rows)} sessions: {up} up, {down} down{last}.",
        figure=made(
            traces, xaxis=sessions_axis([day for day, _ in rows]), yaxis={"zeroline": True}, height=236
        )
        if rows
        else None,
        head=("Session", f"Net, {currency}"),
        rows=[(day, signed(net)) for day, net in rows][::-1],
    )


def _means(values: Sequence[float], over: int) -> list[float | None]:
    """Of the newest so many; before there are that many, nothing is said."""
    return [
        None if place + 1 < over else round(sum(values[place + 1 - over : place + 1]) / over, 2)
        for place in range(len(values))
    ]


def by_strategy(days: Sequence[Told], currency: str) -> Chart:
    shown = days[-SHOWN:]
    names = sorted({name for told in shown for name in told.summary["by_strategy"]})
    sums = {
        name: sum((Decimal(t.summary["by_strategy"].get(name) or 0) for t in shown), Decimal(0))
        for name in names
    }
    ranked = sorted(names, key=lambda name: -sums[name])
    inks = ("mark", "buy", "sell", "ink", "faint")
    traces = [
        go.Bar(
            x=[told.day.isoformat() for told in shown],
            y=[_float(told.summary["by_strategy"].get(name)) for told in shown],
            name=name or "by hand",
            marker={"color": ink(inks[place % len(inks)])},
        )
        for place, name in enumerate(ranked)
    ]
    told = "; ".join(f"{name or 'by hand'} {signed(sums[name])}" for name in ranked)
    layout: dict[str, Any] = {
        "barmode": "relative",
        "showlegend": True,
        "xaxis": sessions_axis([told.day.isoformat() for told in shown]),
    }
    return Chart(
        name="strategies",
        title="P&L by strategy",
        note=f"{currency} net, {len(shown)} sessions",
        said=f"Net result by strategy over {len(shown)} sessions: {told or 'none'}.",
        figure=made(traces, margin={"l": 44, "r": 12, "t": 30, "b": 26}, height=236, **layout)
        if names
        else None,
        head=("Strategy", f"Net, {currency}"),
        rows=[(name or "by hand", signed(sums[name])) for name in ranked],
    )


def exits(content: Mapping[str, Any], currency: str) -> Chart:
    rows = [(kind.value, content["exits"][kind.value]) for kind in ExitType]
    shown = [
        (kind, row["exits"], Decimal(row["net"]) if row["net"] is not None else None) for kind, row in rows
    ]
    count = sum(number for _, number, _ in shown)
    trace = go.Bar(
        y=[kind for kind, _, _ in shown],
        x=[None if net is None else float(net) for _, _, net in shown],
        text=[f"{signed(net)} · {number}" if number else "" for _, number, net in shown],
        orientation="h",
        textposition="outside",
        textfont={"color": ink("ink")},
        cliponaxis=False,
        marker={"color": [ink("neg" if net is not None and net < 0 else "pos") for _, _, net in shown]},
    )
    said = "; ".join(f"{kind} {number} exits, {signed(net)}" for kind, number, net in shown if number)
    axes = {
        "yaxis": {"autorange": "reversed", "type": "category"},
        "xaxis": {"zeroline": True, "nticks": 5, "range": _room(shown)},
    }
    return Chart(
        name="exits",
        title="P&L by exit type",
        note=f"{currency}, net of commission, {count} exits",
        said=f"Net result by exit type: {said or 'no exits'}.",
        figure=made([trace], margin={"l": 62, "r": 12, "t": 8, "b": 26}, height=168, **axes)
        if count
        else None,
        head=("Exit type", "Exits", f"Net, {currency}"),
        rows=[(kind, number, signed(net)) for kind, number, net in shown],
        low=True,
        empty="No exits on this day.",
    )


def _room(shown: Sequence[tuple[str, int, Decimal | None]]) -> list[float]:
    """Wide enough that a number written beside its bar stays off the names."""
    nets = [float(net) for _, _, net in shown if net is not None]
    low, high = min([0.0, *nets]), max([0.0, *nets])
    pad = 0.45 * (high - low or 1.0)
    return [low - (pad if low < 0 else 0.0), high + pad]


def _float(value: Any) -> float | None:
    return None if value is None else float(value)


def fill_rate(days: Sequence[Told]) -> Chart:
    rows = [
        (told.day.isoformat(), told.summary["entries_filled"], told.summary["entries"])
        for told in days
        if told.summary["entries"]
    ]
    points = thinned([(day, round(100 * filled / entries, 1)) for day, filled, entries in rows])
    filled, entries = sum(row[1] for row in rows), sum(row[2] for row in rows)
    trace = go.Scatter(
        x=[day for day, _ in points], y=[rate for _, rate in points], mode="lines+markers",
        line={"color": ink("ink"), "width": 1}, marker={"color": ink("ink"), "size": 4}, name="fill rate",
    )  # fmt: skip
    ticks = {"tickmode": "array", "tickvals": [0, TARGET, 100], "ticksuffix": " %"}
    layout: dict[str, Any] = {"yaxis": {"range": [0, 105]} | ticks, "xaxis": {"type": "date"}}
    whole = f"{100 * filled / entries:.1f} % ({filled} of {entries})" if entries else "no entries"
    return Chart(
        name="fills",
        title="Entries filled",
        note=f"{len(rows)} sessions: {whole}, target {TARGET} %",
        said=f"Fill rate of entries over {len(rows)} sessions: {whole}.",
        figure=made([trace], shapes=[dashed(TARGET, "muted")], height=168, **layout) if rows else None,
        head=("Session", "Filled", "Sent"),
        rows=[(day, one, of) for day, one, of in rows[-ROWS:]][::-1],
        low=True,
    )


EXPOSURES = (
    ("gross", "gross held", "ink", "solid"),
    ("entries", "entries of the day", "buy", "solid"),
    ("gross_limit", "limit of gross", "neg", "dash"),
    ("entries_limit", "limit of entries", "sell", "dash"),
)


def exposure(days: Sequence[Told], currency: str) -> Chart:
    rows = [(told.day.isoformat(), told.summary["exposure"]) for told in days]
    shown = thinned(rows)
    x = [day for day, _ in shown]
    traces = [
        line(
            x, [_float(row.get(key)) for _, row in shown], name,
            colour=colour, weight=1, dash=dash, shape={"shape": "hv"},
        )
        for key, name, colour, dash in EXPOSURES
    ]  # fmt: skip
    last = rows[-1][1] if rows else {}
    said = (
        f"Gross {money(last.get('gross'), 0)} of {money(last.get('gross_limit'), 0)}; the day's entries "
        f"{money(last.get('entries'), 0)} of {money(last.get('entries_limit'), 0)}."
        if rows
        else "Nothing is known."
    )
    return Chart(
        name="exposure",
        title="Exposure against limits",
        note=currency,
        said=said,
        figure=made(
            traces,
            showlegend=True,
            margin={"l": 52, "r": 12, "t": 44, "b": 26},
            xaxis={"type": "date"},
            height=236,
        )
        if rows
        else None,
        head=("Session", "Gross", "Its limit", "Entries", "Their limit"),
        rows=[
            (day, *(money(row.get(key), 0) for key in ("gross", "gross_limit", "entries", "entries_limit")))
            for day, row in rows[-ROWS:]
        ][::-1],
    )


def reconciliation(days: Sequence[Told]) -> Chart:
    """Ours against the broker's, in basis points of its value; sessions that nobody compared are left out."""
    told = [(one.day.isoformat(), one.summary.get("difference_bps")) for one in days]
    rows = [(day, float(bps)) for day, bps in told if bps is not None]
    points = thinned(rows)
    trace = go.Scatter(
        x=[day for day, _ in points], y=[bps for _, bps in points], mode="markers", name="difference",
        marker={"color": ink("ink"), "size": 5},
    )  # fmt: skip
    worst = max((abs(bps) for _, bps in rows), default=0.0)
    bands = [level(value, word) for value, word in BANDS if worst > abs(value) / 2]
    last = f"{rows[-1][1]:.1f} bps last, {worst:.1f} at worst" if rows else ""
    return Chart(
        name="difference",
        title="Reconciliation difference",
        note=f"bps of NAV, {len(rows)} sessions; HALT above 25, EMERGENCY above 100",
        said=f"NAV difference over {len(rows)} sessions: {last or 'none was compared'}.",
        figure=made(
            [trace],
            shapes=[shape for shape, _ in bands],
            annotations=[note for _, note in bands],
            xaxis={"type": "date"},
            yaxis={"rangemode": "tozero", "zeroline": True, "ticksuffix": " bps"},
            margin={"l": 58, "r": 12, "t": 14, "b": 26},
            height=168,
        )
        if rows
        else None,
        head=("Session", "Difference, bps"),
        rows=[(day, signed(bps, 1)) for day, bps in rows[-ROWS:]][::-1],
        low=True,
        empty="No session's books were compared with the broker's net asset value.",
    )
