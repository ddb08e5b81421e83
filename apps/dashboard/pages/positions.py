"""Positions: ours from fills, beside the broker's own."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from apps.dashboard.days import ZONE
from apps.dashboard.options import options_of, totals_of
from apps.dashboard.sharing import shared
from apps.dashboard.shell import shell_of
from apps.operators.pages.asking import asks


def _context(request: HttpRequest) -> dict[str, Any]:
    shell = shell_of(request)
    books = shell.books
    rows = books.positions
    options = options_of(books.held, books.today, shell.now)
    told = [row.broker_at for row in rows if row.broker_at is not None]
    return {
        "account": {"title": f"{shell.mode_word} {shell.account}"},
        "positions": rows,
        "positions_age": _age(min(told)) if told else "the broker's list has not been read yet",
        "positions_why": "Our fills hold nothing, and the broker lists nothing.",
        "options": options,
        "option_totals": totals_of(options),
        "totals": books.totals,
    }


def _age(moment: datetime) -> str:
    return f"broker's list as of {moment.astimezone(ZONE):%H:%M:%S}"


@asks("see")
@require_GET
def positions(request: HttpRequest) -> HttpResponse:
    if shell_of(request).owned is None:
        return render(request, "dashboard/no_account.html")
    return render(request, "dashboard/positions.html", _context(request))


@asks("see")
@require_GET
@shared("positions", "fills")
def rows(request: HttpRequest) -> HttpResponse:
    return render(request, "dashboard/_positions.html", _context(request))
