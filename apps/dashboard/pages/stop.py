"""Stop trading, from any page: the dialog, the press, what became of each order, and letting go again."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from apps.dashboard.breakers import breakers_off
from apps.dashboard.pages.answers import is_fragment, person
from apps.dashboard.shell import shell_of
from apps.dashboard.stops import Report, effects_of, report_of, scope_of
from apps.dashboard.whose import account_of_stopping
from apps.desks.ports import named
from apps.desks.queries import enabled_accounts
from apps.journal import clock
from apps.operators.actions.second_word import ask_second
from apps.operators.pages.asking import asks, check_proof, fresh_proof
from apps.operators.ports import NotAllowed, SecondRefused
from apps.risk.actions.stop_trading import StopRefused
from apps.runbook.releasing import WORD, checklist, release_problem, stop_of
from apps.runbook.stop_effect import LEVELS
from apps.runbook.stopping import kill

FLATTEN = "FLATTEN"


@asks("kill")
@require_http_methods(["GET", "POST"])
def stop(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        return _press(request)
    offered_here = shell_of(request).stop_scopes
    wanted = request.GET.get("scope") or (offered_here[0].value if offered_here else "global")
    _reach(request, *scope_of(wanted))
    context = {"effects": effects_of(wanted), "scopes": offered_here, "chosen": wanted, **_proof(request)}
    if is_fragment(request):
        return render(request, "dashboard/_kill_effect.html", context)
    return render(request, "dashboard/kill.html", context)


def _proof(request: HttpRequest) -> dict[str, Any]:
    return {"needs_proof": not fresh_proof(request)}


def _press(request: HttpRequest) -> HttpResponse:
    """The stop itself asks nothing but who may; only closing positions asks for a word and a proof."""
    scope, key = scope_of(request.POST.get("scope", "global"))
    what = request.POST.get("level", "cancel")
    if what not in LEVELS:
        raise Http404("there is no such level")
    _reach(request, scope, key)
    level, flatten = LEVELS[what]
    if flatten and (wrong := _flatten_problem(request)):
        return _refused(request, wrong)
    reason = request.POST.get("reason", "").strip() or "stopped from the page"
    try:
        stopping = kill(
            scope, key, level=level, flatten=flatten, actor=person(request), reason=reason, now=clock.now()
        )
    except StopRefused as refused:
        return _refused(request, str(refused))
    return _told(request, stopping.pk)


def _reach(request: HttpRequest, scope: str, key: str) -> None:
    """Everything, or a strategy, is every account: whoever has only one stops that one."""
    wanted = [key] if scope == "account" else [row.code for row in enabled_accounts()]
    standing = request.standing  # type: ignore[attr-defined]
    if not all(standing.may("kill", code) for code in wanted):
        raise PermissionDenied("This is not only yours to stop. Choose your own account.")


def _flatten_problem(request: HttpRequest) -> str:
    if not request.standing.may("flatten"):  # type: ignore[attr-defined]
        return "Your role stops trading; it does not close positions."
    if request.POST.get("word", "").strip() != FLATTEN:
        return f"Type {FLATTEN} to close every position. Nothing was stopped and nothing was closed."
    if not fresh_proof(request) and not check_proof(request, request.POST.get("proof", "")):
        return "That did not prove who you are. Nothing was stopped and nothing was closed."
    return ""


def _refused(request: HttpRequest, text: str) -> HttpResponse:
    if is_fragment(request):
        return render(request, "dashboard/_kill_refused.html", {"text": text}, status=422)
    messages.error(request, text)
    return redirect("stop")


def _told(request: HttpRequest, number: int) -> HttpResponse:
    if not is_fragment(request):
        return redirect("stopping", number)
    return render(request, "dashboard/_stopping.html", {"report": _report(request, number)})


def _report(request: HttpRequest, number: int) -> Report:
    found = report_of(number, shell_of(request).reaches)
    if found is None:
        raise Http404(f"there is no stop {number}")
    return found


@asks("see", account=account_of_stopping)
@require_GET
def stopping(request: HttpRequest, number: int) -> HttpResponse:
    context = {"report": _report(request, number)}
    template = "dashboard/_stopping.html" if is_fragment(request) else "dashboard/stopping.html"
    return render(request, template, context)


@asks("release_stop")
@require_GET
def release(request: HttpRequest) -> HttpResponse:
    """The list, and the form behind it. Slower than stopping, on purpose."""
    scope, key = scope_of(request.GET.get("scope", "global"))
    found = stop_of(scope, key)
    if found is None:
        messages.info(request, "Nothing is stopped there.")
        return redirect("risk")
    items = checklist(found, clock.now())
    context = {
        "stop": found,
        "title": named(scope, key) or "All accounts, all strategies",
        "scope": request.GET.get("scope", "global"),
        "items": items,
        "ready": all(item.good for item in items),
        "word": WORD,
        **_proof(request),
    }
    return render(request, "dashboard/release.html", context)


@asks("release_stop")
@require_POST
def ask_release(request: HttpRequest) -> HttpResponse:
    """Asks the second person. Trading stays stopped until they say yes and the list still holds."""
    wanted = request.POST.get("scope", "global")
    scope, key = scope_of(wanted)
    back = f"{reverse('stop-release')}?scope={wanted}"
    if request.POST.get("word", "").strip() != WORD:
        messages.error(request, f"Type {WORD}. Nothing was released.")
        return redirect(back)
    if not fresh_proof(request) and not check_proof(request, request.POST.get("proof", "")):
        messages.error(request, "That did not prove who you are. Nothing was released.")
        return redirect(back)
    epoch, reason = int(request.POST.get("epoch") or 0), request.POST.get("reason", "")
    problem = release_problem(scope, key, epoch=epoch, reason=reason, now=clock.now())
    if problem is not None:
        messages.error(request, f"Not released: {problem.text}.")
        return redirect(back)
    payload = {"scope": scope, "key": key, "epoch": epoch}
    try:
        ask_second("release_stop", payload, by=person(request), reason=reason, now=clock.now())
    except (SecondRefused, NotAllowed) as refused:
        messages.error(request, f"Not asked: {refused}.")
        return redirect(back)
    messages.info(request, "Asked. Trading stays stopped until another person confirms.")
    return redirect("seconds")


def offered(request: HttpRequest) -> dict[str, Any]:
    """For every page: which breakers are off, whether the dialog is there, and what it may stop."""
    standing = getattr(request, "standing", None)
    may_kill = standing is not None and standing.may("kill")
    return {
        "breakers_off": lambda: breakers_off(clock.now()),
        "may_kill": may_kill,
        "kill_scopes": lambda: shell_of(request).stop_scopes,
        "kill_proof": may_kill and not fresh_proof(request),
    }
