"""One breaker: switched off until a moment, or armed again."""

from datetime import timedelta

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from apps.dashboard.breakers import breaker_rows
from apps.dashboard.pages.answers import person
from apps.dashboard.shell import shell_of
from apps.journal import clock
from apps.operators.pages.asking import asks, check_proof, fresh_proof
from apps.risk.actions.pause_breaker import PauseRefused, arm_breaker, pause_breaker

HOURS = (1, 4, 24, 72, 168)


@asks("disable_breaker")
@require_http_methods(["GET", "POST"])
def breaker(request: HttpRequest, name: str) -> HttpResponse:
    """Switch one off until a moment, or on again."""
    row = next((one for one in breaker_rows(shell_of(request).now) if one.name == name), None)
    if row is None:
        raise Http404(f"there is no breaker {name}")
    if request.method == "GET":
        context = {"row": row, "hours": HOURS, "needs_proof": not fresh_proof(request)}
        return render(request, "dashboard/breaker.html", context)
    if not fresh_proof(request) and not check_proof(request, request.POST.get("proof", "")):
        messages.error(request, "That did not prove who you are. Nothing was changed.")
        return redirect("breaker", name)
    try:
        messages.info(request, _switch(request, name))
    except PauseRefused as refused:
        messages.error(request, f"Not changed: {refused}.")
        return redirect("breaker", name)
    return redirect("risk")


def _switch(request: HttpRequest, name: str) -> str:
    now = clock.now()
    if request.POST.get("act") == "arm":
        arm_breaker(name, actor=person(request), now=now)
        return "Armed again."
    hours = request.POST.get("hours", "")
    until = now + timedelta(hours=int(hours) if hours.isdecimal() else 0)
    reason = request.POST.get("reason", "")
    pause_breaker(name, until=until, actor=person(request), reason=reason, now=now)
    return "Switched off. It arms itself again at that time."
