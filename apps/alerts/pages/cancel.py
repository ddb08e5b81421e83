"""The page behind the cancel link of an alert: one button, for whoever holds the message."""

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from apps.alerts.links import Link, read, sign, spend
from apps.alerts.ports import AlertRefused
from apps.approvals.models import Window
from apps.approvals.queries import window_of
from apps.journal.ports import Actor
from apps.operators.pages.asking import ANYBODY, asks
from apps.runbook.cancelled import Answer, answer_of
from apps.runbook.windows import cancel_at_broker, cancel_counting

HOLDER = Actor("token", "cancel link")


@asks(ANYBODY)
@login_not_required
@require_http_methods(["GET", "POST"])
def cancel_page(request: HttpRequest, word: str) -> HttpResponse:
    """A GET shows, a POST does: links in messages are followed by machines."""
    try:
        link = read(word, "cancel")
        if request.method == "POST":
            spend(link)
    except AlertRefused as refused:
        return render(request, "alerts/link_over.html", {"why": str(refused)}, status=410)
    if request.method == "GET":
        return render(request, "alerts/cancel.html", _shown(link))
    answer = _cancel(link, request)
    return render(request, "alerts/cancelled.html", {"answer": answer, "next": _next(link, answer)})


def _shown(link: Link) -> dict[str, Any]:
    """Little: a message may be read by anybody who picks up a phone."""
    window = window_of(link.number)
    running = window is not None and window.state in Window.RUNNING
    return {"window": window, "running": running, "word": link.word}


def _cancel(link: Link, request: HttpRequest) -> Answer:
    window = window_of(link.number)
    how = {"ip": request.META.get("REMOTE_ADDR", ""), "method": "token", "link": link.digest[:8]}
    if window is not None and window.state == Window.RELEASED and request.POST.get("at") == "broker":
        return answer_of(cancel_at_broker(link.number, actor=HOLDER))
    return answer_of(cancel_counting(link.number, actor=HOLDER, how=how))


def _next(link: Link, answer: Answer) -> str:
    """A fresh link for the second tap: the first one is spent."""
    return sign("cancel", link.number) if answer.at_broker else ""
