"""What waits for a second person: read what it does, confirm it or decline it."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from apps.dashboard.pages.answers import person
from apps.desks.ports import DeskRefused
from apps.journal import clock
from apps.operators.actions.second_word import decline_second
from apps.operators.pages.asking import asks, check_proof, fresh_proof
from apps.operators.ports import NotAllowed, SecondRefused
from apps.operators.queries import decided_seconds, waiting_seconds
from apps.risk.actions.change_limits import LimitsRefused
from apps.runbook.releasing import ReleaseRefused
from apps.runbook.second_words import confirm, told


def _context(request: HttpRequest) -> dict[str, Any]:
    mine = request.user.get_username()
    standing = request.standing  # type: ignore[attr-defined]
    waiting = [
        {
            "row": row,
            "title": title,
            "lines": lines,
            "mine": row.asked_by == mine,
            "may_confirm": row.asked_by != mine and standing.may("second"),
        }
        for row in waiting_seconds()
        for title, lines in [told(row)]
    ]
    decided = [{"row": row, "title": told(row)[0]} for row in decided_seconds()]
    return {"seconds": waiting, "decided": decided, "needs_proof": not fresh_proof(request)}


@asks("see")
@require_GET
def seconds(request: HttpRequest) -> HttpResponse:
    return render(request, "dashboard/seconds.html", _context(request))


@asks("second")
@require_POST
def confirm_one(request: HttpRequest, number: int) -> HttpResponse:
    """A yes carries it out, so it needs a proof of who says it."""
    if not fresh_proof(request) and not check_proof(request, request.POST.get("proof", "")):
        messages.error(request, "That did not prove who you are. Nothing was confirmed and nothing changed.")
        return redirect("seconds")
    try:
        asked = confirm(number, by=person(request), now=clock.now())
    except (SecondRefused, NotAllowed, LimitsRefused, DeskRefused, ReleaseRefused) as refused:
        messages.error(request, f"Not confirmed: {refused}. Nothing was changed.")
    else:
        messages.info(request, f"Confirmed and done: {told(asked)[0].lower()}, asked by {asked.asked_by}.")
    return redirect("seconds")


@asks("see")
@require_POST
def decline_one(request: HttpRequest, number: int) -> HttpResponse:
    """The second person says no, or whoever asked takes it back: the action knows which of them it is."""
    try:
        decline_second(number, by=person(request), now=clock.now())
    except (SecondRefused, NotAllowed) as refused:
        messages.error(request, f"Not declined: {refused}.")
    else:
        messages.info(request, "Declined. Nothing was changed.")
    return redirect("seconds")
