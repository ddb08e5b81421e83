"""System: what runs, since when, and how the desk knows."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from apps.broker.queries import asks_to_send, lease_of, sessions_since
from apps.dashboard.days import span_of
from apps.dashboard.feed import feed
from apps.dashboard.shell import Shell, shell_of
from apps.dashboard.templatetags.desk import DASH
from apps.journal import clock
from apps.journal.queries import head
from apps.market.ports import CALENDAR
from apps.market.queries import last_session_day
from apps.operators.pages.asking import asks
from apps.runbook.measures import Measured, database_measures, queue_measures
from apps.runbook.situation import trading_day

SKEW_LIMIT_MS = 1000
CALENDAR_AHEAD = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Fact:
    title: str
    text: str = ""
    source: str = ""
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Badge:
    level: str
    word: str


@dataclass(slots=True)
class Panel:
    key: str
    title: str
    note: str
    facts: list[Fact] = field(default_factory=list)
    badge: Badge | None = None


@asks("see")
@require_GET
def system(request: HttpRequest) -> HttpResponse:
    return render(request, "dashboard/system.html", {"panels": _panels(shell_of(request))})


@asks("see")
@require_GET
def panels(request: HttpRequest) -> HttpResponse:
    return render(request, "dashboard/_system.html", {"panels": _panels(shell_of(request))})


def _panels(shell: Shell) -> list[Panel]:
    return [
        _link(shell),
        _gateway(shell),
        _web(),
        _measured("database", "Database", database_measures()),
        _measured("worker", "Worker", queue_measures()),
        _time(shell),
        _journal(),
    ]


def _ms(value: float | None) -> str:
    return DASH if value is None else f"{value:,.1f} ms"


def _link(shell: Shell) -> Panel:
    view = shell.link.view
    row = view.row
    panel = Panel("link", "Broker link", view.state)
    if not view.ready:
        level = "critical" if view.state in ("dead", "down") else "high"
        panel.badge = Badge(level, shell.link.word.upper())
    if row is None:
        panel.facts = [Fact("State", view.reason)]
        return panel
    holder, epoch, _ = lease_of(row.gateway_id)
    panel.facts = [
        Fact("State", f"{view.state} {view.reason}".strip(), view.reason_code),
        Fact("Heartbeat", since=row.beat_at, source="the link writes one each second"),
        Fact("Last callback", since=row.callback_at) if row.callback_at else Fact("Last callback", DASH),
        Fact("Process", f"pid {row.pid or DASH}, {row.memory_mb or 0:,.0f} MB"),
        Fact("Lease", f"{holder or DASH}, epoch {epoch}"),
        Fact("Loop lag", _ms(row.loop_lag_ms)),
        Fact(
            "Pacing",
            ", ".join(f"{name} {value}".replace("_", " ") for name, value in row.pacing.items()) or DASH,
        ),
        Fact("Cancels waiting", str(asks_to_send(row.gateway_id).count())),
    ]
    return panel


def _gateway(shell: Shell) -> Panel:
    gateway = shell.owned.gateway if shell.owned else None
    row = shell.link.view.row
    if gateway is None:
        return Panel("gateway", "Gateway", "none set up", [Fact("Set-up", "no gateway")])
    start, _ = span_of(trading_day(shell.now))
    sessions = list(sessions_since(gateway.pk, start))
    panel = Panel("gateway", "Gateway", gateway.mode)
    panel.facts = [
        Fact("Address", f"{gateway.host}:{gateway.port}, client {gateway.client_id}"),
        Fact("Server version", str(row.server_version or DASH) if row else DASH),
        Fact("Connected", since=row.connected_at) if row and row.connected_at else Fact("Connected", DASH),
        Fact("Round trip", _ms(row.round_trip_ms) if row else DASH),
        Fact("Last complete snapshot", since=row.snapshot_at)
        if row and row.snapshot_at
        else Fact("Snapshot", DASH),
        Fact("Sessions today", f"{len(sessions)}, last closed: {_why(sessions)}"),
        Fact(
            "Farms",
            ", ".join(f"{name} {state}" for name, state in row.farms.items()) or DASH if row else DASH,
        ),
    ]
    return panel


def _why(sessions: list[Any]) -> str:
    return next((row.why_closed or "no reason given" for row in sessions if row.closed_at), "none")


def _web() -> Panel:
    facts = [
        Fact("Screens open", str(feed.screens), "sockets of this web process"),
        Fact("Feed stands at", f"line {feed.versions.head:,}"),
        Fact("Mode", settings.MODE),
        Fact("Address", settings.PUBLIC_URL),
    ]
    return Panel("web", "Web", "this process", facts)


def _measured(key: str, title: str, found: list[Measured]) -> Panel:
    panel = Panel(key, title, "measured now", [Fact(row.title, row.text, row.source) for row in found])
    worst = next((row for row in found if row.wrong), None)
    if worst is not None:
        panel.badge = Badge("high", worst.wrong.upper())
    return panel


def _time(shell: Shell) -> Panel:
    row = shell.link.view.row
    skew = row.clock_skew_ms if row else None
    reach = last_session_day(CALENDAR)
    panel = Panel("time", "Time", "simulated" if clock.is_simulated() else "the wall's")
    panel.facts = [
        Fact("Clock against the broker", _ms(skew), "reqCurrentTime"),
        Fact("Desk's clock", f"{shell.now:%Y-%m-%d %H:%M:%S} UTC, speed {clock.speed():g}"),
        Fact("Calendar reaches", f"{reach:%-d %b %Y}" if reach else "no sessions loaded"),
    ]
    if skew is not None and abs(skew) > SKEW_LIMIT_MS:
        panel.badge = Badge("high", "SKEW")
    if reach is None or reach - trading_day(shell.now) < CALENDAR_AHEAD:
        panel.badge = panel.badge or Badge("medium", "CALENDAR")
    return panel


def _journal() -> Panel:
    sequence, newest = head()
    facts = [
        Fact("Lines", f"{sequence:,}"),
        Fact("Ends at", newest[:16]),
        Fact("Check", "./desk verify-journal"),
    ]
    return Panel("journal", "Journal", "append-only, chained", facts)
