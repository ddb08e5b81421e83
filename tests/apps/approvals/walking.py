"""A strategy that walks, on the stations: its alert is delivered by hand, its link is the test."""

from datetime import datetime, timedelta
from typing import Any

from apps.approvals.actions.start_window import start_window
from apps.approvals.models import Request, Window
from apps.desks.actions.beat import beat
from apps.desks.models import Phase
from apps.journal import clock
from apps.runbook.windows import release_due
from tests.stations import Stations
from tradingdesk.domain.money import Reason

TOLD = [{"channel": "phone", "at": "2026-11-18T14:40:01+00:00"}]


def let_walk(phase: str = "walk") -> None:
    Phase.objects.update(phase=phase)


def proposed_window(stations: Stations, *symbols: str, **more: Any) -> Window:
    """A plan that was judged and whose alert is still to be delivered."""
    let_walk()
    request = stations.propose(*symbols or ("WEC",), **more)
    beat("web")
    return Window.objects.select_related("request").get(request=request)


def running_window(stations: Stations, *symbols: str, **more: Any) -> Window:
    """One that counts."""
    window = proposed_window(stations, *symbols, **more)
    assert start_window(window.pk, delivered=TOLD) is None
    window.refresh_from_db()
    return window


def end_now(window: Window, *, late: float = 0.0) -> None:
    """Move its deadline there: the time passes without anybody waiting for it."""
    move_deadline(window, clock.now() - timedelta(seconds=late))


def move_deadline(window: Window, at: datetime) -> None:
    """The whole window moves along: it stays as long as it was."""
    began = at - timedelta(seconds=window.seconds)
    Window.objects.filter(pk=window.pk).update(opened_at=began, send_at=at, ends_at=at)


def release(window: Window, *, link_ready: bool = True, clock_jumped: bool = False) -> Reason | None:
    beat("web")
    return release_due(window.pk, link_ready=link_ready, clock_jumped=clock_jumped)


def request_of(window: Window) -> Request:
    return Request.objects.get(pk=window.request_id)
