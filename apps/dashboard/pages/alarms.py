"""Alarms: what is open, who has taken it on, what was told of it, and what to do about it."""

import re
from typing import Any

import markdown
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from apps.alerts.actions.end_alarm import acknowledge_alarm
from apps.alerts.codes import CODES
from apps.alerts.ports import CRITICAL, AlertRefused
from apps.alerts.queries import account_of_alarm, ended_alarms, messages_after, newest_message
from apps.dashboard.pages.answers import is_fragment, person
from apps.dashboard.sharing import shared
from apps.dashboard.shell import shell_of
from apps.dashboard.templatetags.desk import tidy
from apps.operators.pages.asking import asks

RUNBOOKS = settings.BASE_DIR / "docs" / "runbooks"


def _row(alarm: Any) -> dict[str, Any]:
    code = CODES.get(alarm.code)
    return {"alarm": alarm, "title": code.title if code else alarm.code, "stands": bool(code and code.stands)}


def _context(request: HttpRequest) -> dict[str, Any]:
    shell = shell_of(request)
    ended = [_row(row) for row in ended_alarms() if shell.reaches(row.account)]
    return {"open_alarms": [_row(row) for row in shell.alarms.rows], "ended_alarms": ended}


@asks("see")
@require_GET
def alarms(request: HttpRequest) -> HttpResponse:
    return render(request, "dashboard/alarms.html", _context(request))


@asks("see")
@require_GET
@shared("alerts")
def rows(request: HttpRequest) -> HttpResponse:
    return render(request, "dashboard/_alarms.html", _context(request))


@asks("acknowledge", account=account_of_alarm)
@require_POST
def acknowledge(request: HttpRequest, number: int) -> HttpResponse:
    """Nobody is called any more; whoever pressed it has it now. Strip and list fetch themselves again."""
    try:
        acknowledge_alarm(number, actor=person(request))
    except AlertRefused as refused:
        if not is_fragment(request):
            messages.error(request, f"Not acknowledged: {refused}.")
    return HttpResponse(status=204) if is_fragment(request) else redirect("alarms")


@asks("see")
@never_cache
@require_GET
def news(request: HttpRequest) -> HttpResponse:
    """What was told since that number, for a browser that rings or notifies: words and a place to look."""
    shell = shell_of(request)
    text = request.GET.get("after", "")
    after = int(text) if text.isdecimal() and len(text) < 18 else None
    told = [] if after is None else messages_after(after)
    newest = newest_message() if after is None else after  # read twice, one told in between would be lost
    ringing = [row for row in shell.alarms.rows if row.severity == CRITICAL and row.acknowledged_at is None]
    return JsonResponse(
        {
            "newest": max([newest, *(row.pk for row in told)]),
            "ringing": len(ringing),
            "told": [
                {
                    "number": row.pk,
                    "row": row.row,
                    "title": row.title,
                    "body": tidy(_first_lines(row.body)),
                    "tag": f"{row.code or row.kind}:{row.subject or row.key}",
                    "href": row.href or "/",
                }
                for row in told
                if shell.reaches(row.account)
            ],
        }
    )


def _first_lines(body: str) -> str:
    """Never the links that work signed out: what a notification shows, a passer-by reads."""
    lines = [line for line in body.split("\n") if "://" not in line]
    return "\n".join(lines[:3])[:300]


@asks("see")
@require_GET
def runbooks(request: HttpRequest) -> HttpResponse:
    found = [{"code": code, "there": (RUNBOOKS / f"{code.code}.md").is_file()} for code in CODES.values()]
    return render(request, "dashboard/runbooks.html", {"runbooks": found})


@asks("see")
@require_GET
def runbook(request: HttpRequest, code: str) -> HttpResponse:
    """The page of docs/runbooks as it lies there. Only a code of the table names a file."""
    known = CODES.get(code)
    if known is None or not (RUNBOOKS / f"{code}.md").is_file():
        raise Http404(f"there is no runbook {code}")
    text = (RUNBOOKS / f"{code}.md").read_text(encoding="utf-8")
    return render(request, "dashboard/runbook.html", {"code": known, "text": rendered(text)})


def rendered(text: str) -> SafeString:
    """Our own file, written by us; its first heading is the page's own."""
    body = re.sub(r"\A# .*\n", "", text)
    html: str = markdown.markdown(body, extensions=["tables"], output_format="html")
    return mark_safe(
        html.replace("<table>", '<div class="scroll" tabindex="0"><table>').replace(
            "</table>", "</table></div>"
        )
    )
