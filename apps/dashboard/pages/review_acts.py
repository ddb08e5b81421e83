"""What a reviewer may do besides deciding: take more time, want less of it, take it back."""

from decimal import Decimal, InvalidOperation

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_POST

from apps.approvals.actions.move_request import hold_request
from apps.approvals.queries import request_of
from apps.dashboard.cards import Notice
from apps.dashboard.pages.answers import back, person
from apps.dashboard.pages.review import LONGEST_REASON, how_of, show_card
from apps.dashboard.whose import account_of_request
from apps.journal import clock
from apps.operators.pages.asking import asks
from apps.runbook.cutting import cut_request
from apps.runbook.gate import withdraw_request
from apps.runbook.windows import recall_unsent
from tradingdesk.domain.money import Reason


@asks("hold", account=account_of_request)
@require_POST
def hold(request: HttpRequest, number: int) -> HttpResponse:
    found = request_of(number)
    if found is None:
        raise Http404(f"there is no request {number}")
    problem = hold_request(found, actor=person(request), now=clock.now())
    if problem is not None:
        return show_card(request, number, Notice("Not held.", f"{problem.text}."), status=409)
    return show_card(request, number, Notice("Held for ten minutes.", "Nothing was sent."))


@asks("edit_plan", account=account_of_request)
@require_POST
def edit(request: HttpRequest, number: int) -> HttpResponse:
    """Less of it becomes a new version with a card of its own; this one is void."""
    made = cut_request(
        number,
        _wished(request),
        row_version=int(request.POST.get("row_version", "0")) if _is_version(request) else 0,
        actor=person(request),
        now=clock.now(),
        how=how_of(request),
    )
    if isinstance(made, Reason):
        return show_card(
            request, number, Notice("Not changed.", f"{made.text}. Nothing was sent."), status=409
        )
    notice = Notice("A new version was judged.", "The one before it is void. Nothing was sent.")
    return back(request, reverse("review-one", args=[made.pk]), notice)


def _is_version(request: HttpRequest) -> bool:
    return request.POST.get("row_version", "").isdecimal()


def _wished(request: HttpRequest) -> dict[int, Decimal]:
    """Fields named line-3; what is no number is a wish for less than nothing, and refused as one."""
    found = {}
    for name, value in request.POST.items():
        if name.startswith("line-") and name[5:].isdecimal():
            try:
                found[int(name[5:])] = Decimal(str(value).replace(",", ""))
            except InvalidOperation:
                found[int(name[5:])] = Decimal(-1)
    return found


@asks("withdraw", account=account_of_request)
@require_POST
def withdraw(request: HttpRequest, number: int) -> HttpResponse:
    """Before the decision the whole plan; after it whatever has not left the house yet."""
    found = request_of(number)
    if found is None:
        raise Http404(f"there is no request {number}")
    if found.state == "approved":
        taken = recall_unsent(found.pk, actor=person(request))
        told = f"{taken} brackets were taken back before they were sent." if taken else "Everything had left."
        return show_card(request, number, Notice("Withdrawn." if taken else "Too late.", told))
    reason = request.POST.get("reason", "").strip()[:LONGEST_REASON] or "withdrawn on its card"
    decided = withdraw_request(
        found, actor=person(request), reason=reason, now=clock.now(), how=how_of(request)
    )
    if decided.reason is not None:
        return show_card(request, number, Notice("Not withdrawn.", f"{decided.reason.text}."), status=409)
    return show_card(request, number, Notice("Withdrawn. Nothing was sent."))
