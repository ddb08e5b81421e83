"""What counts down, one line each, on every open page."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.urls import reverse

from apps.approvals.queries import windows_shown
from apps.dashboard.templatetags.desk import whole
from apps.dashboard.words import headline_of
from apps.journal import clock
from apps.journal.database_clock import database_now


@dataclass(frozen=True, slots=True)
class Strip:
    """One countdown as every open page shows it."""

    number: int
    strategy: str
    headline: str
    detail: str
    asked: bool
    sent: bool
    until: datetime | None
    href: str


def skew() -> timedelta:
    """How far this process's clock is ahead of the database's, by which windows are counted."""
    return clock.now() - database_now()


def strips_of(now: datetime, sees: Callable[[str], bool]) -> list[Strip]:
    """Every running countdown of accounts the person may see, the next deadline first."""
    windows = windows_shown(now)
    ahead = skew() if windows else timedelta(0)
    return [_strip(window, ahead) for window in windows if sees(window.request.account.code)]


def _strip(window: Any, ahead: timedelta) -> Strip:
    request = window.request
    end = window.ends_at if window.state == "released" else window.send_at
    return Strip(
        number=request.pk,
        strategy=request.strategy.name,
        headline=headline_of(request),
        detail=f"{whole(request.notional)} {request.account.base_currency}",
        asked=window.state == "asked",
        sent=window.state == "released",
        until=end + ahead if end else None,
        href=reverse("walk-one", args=[request.pk]),
    )
