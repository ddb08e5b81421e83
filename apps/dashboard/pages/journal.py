"""The journal: every act, newest first, with the hash that chains it to the one before."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from apps.approvals.queries import request_of_plan
from apps.dashboard.pages.saved_views import views_context
from apps.dashboard.sharing import shared
from apps.dashboard.shell import shell_of
from apps.dashboard.streaming import file_answer
from apps.dashboard.templatetags.desk import DASH
from apps.journal.queries import entries_about, head, search, stream
from apps.operators.pages.asking import asks
from apps.tickets.queries import tickets_of_plan

AT_ONCE = 100
# where the page of a subject is
PAGES = {"plans.plan": "plan", "approvals.request": "review-one"}


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the journal as a person reads it; the entry itself is a click away."""

    entry: Any
    what: str
    about: str
    href: str
    changes: list[tuple[str, str, str]]

    @staticmethod
    def of(entry: Any) -> "Line":
        page = PAGES.get(entry.subject_kind)
        return Line(
            entry,
            what=entry.verb.replace("_", " "),
            about=f"{entry.subject_kind.rpartition('.')[2]} {entry.subject_id}",
            href=reverse(page, args=[entry.subject_id]) if page and entry.subject_id.isdecimal() else "",
            changes=changes_of(entry.before, entry.after),
        )


def changes_of(before: Any, after: Any) -> list[tuple[str, str, str]]:
    """Name, old and new of everything that differs; a value that is no table stands alone."""
    old = before if isinstance(before, dict) else {} if before is None else {"": before}
    new = after if isinstance(after, dict) else {} if after is None else {"": after}
    names = [name for name in (*new, *(n for n in old if n not in new)) if old.get(name) != new.get(name)]
    return [(name, told(old.get(name)), told(new.get(name))) for name in names]


def told(value: Any) -> str:
    if value is None or value == "":
        return DASH
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)[:400]


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
    shell = shell_of(request)
    return {
        "lines": [Line.of(entry) for entry in entries if shell.reaches(entry.account)],
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
    context = _context(request)
    context |= views_context(request, "journal", urlencode({"q": context["q"]} if context["q"] else {}))
    return render(request, "dashboard/journal.html", context)


@asks("see")
@require_GET
@shared("journal")
def rows(request: HttpRequest) -> HttpResponse:
    return render(request, "dashboard/_journal.html", _context(request) | {"clear": reverse("journal")})


@asks("see")
@require_GET
def export(request: HttpRequest) -> StreamingHttpResponse:
    """The whole journal, a line of JSON each, oldest first: what `verify-journal` walks."""
    if not shell_of(request).reaches_all:
        raise PermissionDenied("The whole journal is for whoever may see every account.")
    return file_answer(request, json_lines(), "journal.jsonl")


def json_lines() -> Iterator[str]:
    for entry in stream():
        row = {field.attname: getattr(entry, field.attname) for field in entry._meta.concrete_fields}
        yield (
            json.dumps(row | {"at": entry.at.astimezone(UTC).isoformat()}, ensure_ascii=False, default=str)
            + "\n"
        )
