"""The journal: every act, newest first, with the hash that chains it to the one before."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from apps.approvals.queries import request_of_plan
from apps.journal.queries import entries_about, head, search
from apps.operators.pages.asking import asks
from apps.tickets.queries import tickets_of_plan

AT_ONCE = 100


def _context(request: HttpRequest) -> dict[str, Any]:
    text = request.GET.get("q", "")[:120].replace("\x00", "")
    before, plan = request.GET.get("before", ""), request.GET.get("plan", "")
    if plan.isdecimal():
        entries = list(entries_about(_about(int(plan))))
        query = {"plan": plan}
        older = ""
    else:
        entries = search(text, before=int(before[:18]) if before.isdecimal() else None, limit=AT_ONCE)
        query = {name: value for name, value in (("q", text), ("before", before)) if value}
        more = len(entries) == AT_ONCE
        older = urlencode(({"q": text} if text else {}) | {"before": entries[-1].sequence}) if more else ""
    sequence, newest = head()
    return {
        "entries": entries,
        "q": text,
        "plan": plan if plan.isdecimal() else "",
        "query": urlencode(query),
        "older": older,
        "verified": f"{sequence:,} lines, the chain ends at {newest[:8]}; ./desk verify-journal walks it",
    }


def _about(plan_id: int) -> list[tuple[str, list[str]]]:
    """A plan, its request and its tickets."""
    request = request_of_plan(plan_id)
    tickets = [str(ticket.pk) for ticket in tickets_of_plan(plan_id)]
    return [
        ("plans.plan", [str(plan_id)]),
        ("approvals.request", [str(request.pk)] if request else []),
        ("tickets.ticket", tickets),
    ]


@asks("see")
@require_GET
def journal(request: HttpRequest) -> HttpResponse:
    return render(request, "dashboard/journal.html", _context(request))


@asks("see")
@require_GET
def rows(request: HttpRequest) -> HttpResponse:
    return render(request, "dashboard/_journal.html", _context(request) | {"clear": reverse("journal")})
