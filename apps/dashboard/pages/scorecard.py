"""The scorecard: a strategy's paper test over the sessions of the calendar, with the evidence of each row."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from apps.dashboard.report import scored
from apps.dashboard.shell import shell_of
from apps.desks.queries import strategies_with_phase
from apps.operators.pages.asking import asks
from apps.reports.queries import Told, history
from apps.reports.scores import score_for, wanted_sessions

LENGTHS = (5, 21, 63)


@asks("see")
@require_GET
def scorecard(request: HttpRequest) -> HttpResponse:
    shell = shell_of(request)
    if shell.owned is None:
        return render(request, "dashboard/no_account.html")
    asked = request.GET.get("sessions", "")
    wanted = int(asked) if asked.isdecimal() and len(asked) < 4 and 0 < int(asked) <= 250 else None
    told = {one.day: one for one in history(shell.owned.pk)}
    pairs = strategies_with_phase(shell.owned)
    context = {
        "account": shell.owned,
        "wanted": wanted,
        "lengths": LENGTHS,
        "cards": [_card(shell, strategy, phase, wanted=wanted, told=told) for strategy, phase in pairs],
    }
    return render(request, "dashboard/scorecard.html", context)


def _card(
    shell: Any, strategy: Any, phase: str, *, wanted: int | None, told: dict[Any, Told]
) -> dict[str, Any]:
    account = shell.owned
    score = score_for(strategy, account, shell.now, wanted=wanted)
    length = wanted or wanted_sessions(strategy)
    return {
        "strategy": strategy,
        "phase": phase,
        "score": score,
        "length": length,
        "left": max(0, length - len(score.sessions)),
        "rows": [scored(row, account.pk) for row in score.criteria],
        "days": [_day(day, strategy.name, account.pk, told.get(day)) for day in reversed(score.sessions)],
    }


def _day(day: Any, strategy: str, account_id: int, told: Told | None) -> dict[str, Any]:
    if told is None:
        return {"day": day, "missed": True}
    counts = told.summary["execution"].get(strategy, {})
    return {
        "day": day,
        "href": reverse("report", args=[account_id, day.isoformat()]),
        "entries": counts.get("entries", 0),
        "filled": counts.get("entries_filled", 0),
        "rejections": counts.get("rejections", 0),
        "net": told.summary["by_strategy"].get(strategy, "0"),
        "gaps": told.summary["gaps"],
        "reconciled": told.summary.get("reconciled"),
    }
