"""Reconciliation: the verdict, what differs, and the cases that people work."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from apps.dashboard.pages.answers import person
from apps.dashboard.reconciling import IGNORE_FOR, bridge_rows, case_rows, judgement_of
from apps.dashboard.sharing import shared
from apps.dashboard.shell import shell_of
from apps.journal import clock
from apps.operators.pages.asking import asks
from apps.operators.ports import NotAllowed
from apps.operators.queries import people
from apps.reconciliation.actions.act_on_break import ActRefused, act_on_break, assign_break
from apps.reconciliation.actions.keep_breaks import case_of
from apps.reconciliation.columns import columns_of
from apps.reconciliation.intake.statement import LARGEST, StatementRefused, take_statement
from apps.reconciliation.queries import (
    account_of_break,
    acts_of,
    break_by_number,
    closed_breaks,
    runs_of,
    standing_of,
    statements_of,
    unclosed_breaks,
)
from apps.reconciliation.stated import fill_to_take_back, stated_execution_of, stated_fee_of
from tradingdesk.domain.reconciliation import Act, Kind, act_problem
from tradingdesk.domain.tickets import OrderRef, parse_order_ref

ADOPT = "ADOPT"
RUNS_SHOWN = 30


@asks("see")
@require_GET
def reconciliation(request: HttpRequest) -> HttpResponse:
    shell = shell_of(request)
    if shell.owned is None:
        return render(request, "dashboard/no_account.html")
    rows, why = bridge_rows(shell.owned)
    everything = request.GET.get("rows") == "all"
    context = {
        "judged": judgement_of(shell.owned, shell.now),
        "standing": standing_of(shell.owned.pk),
        "bridge": rows,
        "bridge_why": why,
        "cases": case_rows(unclosed_breaks(shell.owned)),
        "closed": case_rows(closed_breaks(shell.owned)),
        "columns": columns_of(shell.owned, shell.now),
        "everything": everything,
        "runs": runs_of(shell.owned.pk, RUNS_SHOWN),
        "statements": statements_of(shell.owned.pk),
    }
    return render(request, "dashboard/reconciliation.html", context)


@asks("see")
@require_GET
@shared("reconciliation")
def chip(request: HttpRequest) -> HttpResponse:
    """The verdict of the header, by itself: its age must be true though nothing else has changed."""
    return render(request, "dashboard/_verdict.html")


@asks("see", account=account_of_break)
@require_GET
def case(request: HttpRequest, number: int) -> HttpResponse:
    row = break_by_number(number)
    if row is None:
        raise Http404(f"there is no case {number}")
    context = {
        "case": case_rows([row])[0],
        "acts": acts_of(row),
        "may_adopt": _possible(row, Act.ADOPT),
        "order": _order_of(row),
        "by_ruling": row.kind == Kind.ORDER_OURS_ONLY,
        "may_mark": _possible(row, Act.MARK_EXTERNAL),
        "hours": list(IGNORE_FOR),
        "owners": [one.user.username for one in people()],
        "word": ADOPT,
        "by_statement": row.source != "broker",
        "by_entry": row.source == "broker" and row.kind.startswith(("POSITION", "CASH")),
        "by_fee": stated_fee_of(row) is not None,
        "by_booking": stated_execution_of(row) is not None,
        "by_taking_back": fill_to_take_back(row) is not None,
        "booked": row.kind.startswith("EXECUTION"),
    }
    return render(request, "dashboard/case.html", context)


def _order_of(row: Any) -> OrderRef | None:
    """The order of ours that the case is about."""
    return parse_order_ref(row.key) if row.kind in (Kind.ORDER_OURS_ONLY, Kind.ORDER_QUANTITY) else None


def _possible(row: Any, act: Act) -> bool:
    now = clock.now()
    return act_problem(case_of(row), act, reason="x" * 20, until=now + timedelta(hours=1), now=now) is None


@asks("work_breaks", account=account_of_break)
@require_POST
def act(request: HttpRequest, number: int, deed: str) -> HttpResponse:
    """One act on one case. Whatever is refused changes nothing and says why."""
    now, reason = clock.now(), request.POST.get("reason", "")
    try:
        if deed == "assign":
            assign_break(number, request.POST.get("owner", "")[:150], actor=person(request), now=now)
            messages.info(request, "The case has an owner." if request.POST.get("owner") else "Given back.")
            return redirect("reconciliation-case", number)
        wanted = DEEDS.get(deed)
        if wanted is None:
            raise Http404(f"there is no act {deed}")
        if wanted is Act.ADOPT and request.POST.get("word", "").strip() != ADOPT:
            messages.error(request, f"Type {ADOPT} to take the broker's value over. Nothing was changed.")
            return redirect("reconciliation-case", number)
        until = now + IGNORE_FOR.get(request.POST.get("hours", ""), timedelta(0))
        act_on_break(number, wanted, actor=person(request), now=now, reason=reason, until=until)
        messages.info(request, TOLD[wanted])
    except (ActRefused, NotAllowed) as refused:
        messages.error(request, f"Nothing was changed: {refused}.")
    return redirect("reconciliation-case", number)


DEEDS = {"ask": Act.REQUERY, "adopt": Act.ADOPT, "external": Act.MARK_EXTERNAL, "ignore": Act.IGNORE}
TOLD = {
    Act.REQUERY: "The broker is asked again now; the answer shows here.",
    Act.ADOPT: "The broker's word stands, and the case is closed with your reason.",
    Act.MARK_EXTERNAL: "Marked as another hand's. It is no difference any more.",
    Act.IGNORE: "Ignored until then. It opens again by itself if it is still there.",
}


@asks("work_breaks")
@require_POST
def statement(request: HttpRequest) -> HttpResponse:
    """A statement by upload. What cannot be read is refused whole, with the element and what to do."""
    file = request.FILES.get("file")
    if file is None:
        messages.error(request, "No file came with the form. Choose one.")
        return redirect("reconciliation")
    try:
        taken = take_statement(
            file.read(LARGEST + 1), str(file.name), actor=person(request), reach=_reach(request)
        )
    except StatementRefused as refused:
        messages.error(request, f"Refused: {refused}")
        return redirect("reconciliation")
    for told in taken:
        messages.info(request, told)
    return redirect("reconciliation")


def _reach(request: HttpRequest) -> Any:
    standing = request.standing  # type: ignore[attr-defined]
    return lambda code: standing.may("work_breaks", code)
