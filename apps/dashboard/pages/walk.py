"""Walk: the countdown's own page, its strip on every other, and the three things a person may do to it."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from apps.approvals.actions.hold_window import hold_window, hurry_window
from apps.approvals.queries import window_of_request, windows_shown
from apps.dashboard.cards import Notice
from apps.dashboard.pages.answers import back, is_fragment, person
from apps.dashboard.sharing import shared
from apps.dashboard.shell import shell_of
from apps.dashboard.walks import walk_of
from apps.dashboard.whose import account_of_request
from apps.journal import clock
from apps.operators.pages.asking import asks, check_proof, fresh_proof
from apps.operators.queries import may
from apps.runbook.cancelled import Answer, answer_of
from apps.runbook.windows import cancel_at_broker, cancel_counting
from tradingdesk.domain.money import Reason


@asks("see")
@require_GET
def walk(request: HttpRequest) -> HttpResponse:
    """The next one to send, or the word that nothing counts."""
    shell = shell_of(request)
    found = next((row for row in windows_shown(clock.now()) if shell.sees(row.request.account.code)), None)
    if found is not None:
        return redirect("walk-one", number=found.request_id)
    return render(request, "dashboard/walk.html", {"walk": None})


@asks("see", account=account_of_request)
@require_GET
def walk_one(request: HttpRequest, number: int) -> HttpResponse:
    return render(request, "dashboard/walk.html", _context(request, number))


@asks("see", account=account_of_request)
@require_GET
def live(request: HttpRequest, number: int) -> HttpResponse:
    return render(request, "dashboard/_walk.html", _context(request, number))


@asks("see")
@require_GET
@shared("review")
def strip(request: HttpRequest) -> HttpResponse:
    return render(request, "dashboard/_countdowns.html")


def _context(request: HttpRequest, number: int, answer: Answer | None = None) -> dict[str, Any]:
    shell = shell_of(request)
    found = walk_of(number, shell, shell.books, answer)
    if found is None:
        raise Http404(f"there is no window of request {number}")
    return {"walk": found, "needs_proof": not fresh_proof(request)}


@asks("cancel", account=account_of_request)
@require_POST
def cancel(request: HttpRequest, number: int) -> HttpResponse:
    """No typed word and no proof: it takes risk away. The answer is what the rows say afterwards."""
    window = window_of_request(number)
    if window is None:
        raise Http404(f"there is no window of request {number}")
    at_broker = window.state == "released" and request.POST.get("at") == "broker"
    if at_broker:
        answer = answer_of(cancel_at_broker(window.pk, actor=person(request)))
    else:
        answer = answer_of(cancel_counting(window.pk, actor=person(request), how=_how(request)))
    return _answer(request, number, answer)


@asks("cancel")
@require_POST
def cancel_all(request: HttpRequest) -> HttpResponse:
    """Every countdown on this person's screen, each with its own answer."""
    told = []
    for window in windows_shown(clock.now()):
        if window.state != "released" and may(request.user, "cancel", window.request.account.code):
            answer = answer_of(cancel_counting(window.pk, actor=person(request), how=_how(request)))
            told.append(f"{window.request.strategy.name}, plan {window.request.plan_id}: {answer.title}")
    notice = Answer(
        f"{len(told)} countdown{'' if len(told) == 1 else 's'} cancelled." if told else "Nothing counted.",
        " ".join(told),
    )
    if not is_fragment(request):
        return back(request, reverse("walk"), Notice(notice.title, notice.text))
    return render(request, "dashboard/_countdowns.html", {"countdown_answer": notice})


@asks("hold", account=account_of_request)
@require_POST
def hold(request: HttpRequest, number: int) -> HttpResponse:
    window = window_of_request(number)
    if window is None:
        raise Http404(f"there is no window of request {number}")
    problem = hold_window(window.pk, actor=person(request))
    return _answer(request, number, _said(problem, Answer("Held.", "It sends five minutes later.")))


@asks("send_now", account=account_of_request)
@require_POST
def send_now(request: HttpRequest, number: int) -> HttpResponse:
    """Earlier than promised, so whoever wants it proves who they are; the link still looks at everything."""
    window = window_of_request(number)
    if window is None:
        raise Http404(f"there is no window of request {number}")
    proved = fresh_proof(request) or check_proof(request, request.POST.get("proof", ""))
    problem = hurry_window(window.pk, actor=person(request), proved=proved)
    said = Answer("It is released now.", "The link looks at everything once more before anything is sent.")
    return _answer(request, number, _said(problem, said))


def _said(problem: Reason | None, done: Answer) -> Answer:
    return done if problem is None else Answer("Not done.", f"{problem.text}. Nothing was sent by this.")


def _how(request: HttpRequest) -> dict[str, Any]:
    return {"ip": request.META.get("REMOTE_ADDR", ""), "method": "session"}


def _answer(request: HttpRequest, number: int, answer: Answer) -> HttpResponse:
    if not is_fragment(request):
        return back(request, reverse("walk-one", args=[number]), Notice(answer.title, answer.text))
    if request.POST.get("from") == "strip":
        context = {"countdown_answer": answer, "countdown_number": number}
        return render(request, "dashboard/_countdowns.html", context)
    return render(request, "dashboard/_walk.html", _context(request, number, answer))
