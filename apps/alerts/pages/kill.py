"""The page behind the stop link of an alarm: it stops everything, from any phone, without a login."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from apps.alerts.links import read, spend
from apps.alerts.ports import AlertRefused
from apps.journal import clock
from apps.journal.ports import Actor
from apps.operators.pages.asking import ANYBODY, asks
from apps.risk.models import Stop
from apps.runbook.stopping import kill

HOLDER = Actor("token", "stop link")


@asks(ANYBODY)
@login_not_required
@require_http_methods(["GET", "POST"])
def kill_page(request: HttpRequest, word: str) -> HttpResponse:
    """A GET shows the button. Stopping is never gated; letting trading go on again takes people."""
    try:
        link = read(word, "kill")
        if request.method == "POST":
            spend(link)
    except AlertRefused as refused:
        return render(request, "alerts/link_over.html", {"why": str(refused)}, status=410)
    if request.method == "GET":
        return render(request, "alerts/kill.html")
    kill(
        "global", "", level=Stop.HALTED, flatten=False, actor=HOLDER,
        reason="stopped by the link of an alert", now=clock.now(),
    )  # fmt: skip
    return render(request, "alerts/killed.html")
