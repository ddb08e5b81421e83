"""Books: cash, rates, what the worth is made of, what was earned why; opening them, and changed contracts."""

from datetime import date
from decimal import Decimal, InvalidOperation

from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from apps.dashboard.booksheet import Sheet
from apps.dashboard.pages.answers import person
from apps.dashboard.sharing import shared
from apps.dashboard.shell import shell_of
from apps.journal import clock
from apps.ledger.actions.adopt import AdoptionRefused, adopt_opening
from apps.ledger.actions.book_flow import Flow, FlowRefused, book_flow, effect_of
from apps.market.actions.answer_lookup import ChangeRefused, take_over_change
from apps.operators.pages.asking import asks


@asks("see")
@require_GET
def books(request: HttpRequest) -> HttpResponse:
    shell = shell_of(request)
    if shell.owned is None:
        return render(request, "dashboard/no_account.html")
    return render(request, "dashboard/books.html", {"sheet": Sheet(shell.owned, shell.now)})


@asks("see")
@require_GET
@shared("books", "fills", "account")
def sheet(request: HttpRequest) -> HttpResponse:
    shell = shell_of(request)
    if shell.owned is None:
        raise Http404("there is no account")
    return render(request, "dashboard/_books.html", {"sheet": Sheet(shell.owned, shell.now)})


@asks("settings")
@require_POST
def adopt(request: HttpRequest) -> HttpResponse:
    """Take over everything that the broker tells of the account and the books have otherwise."""
    account = shell_of(request).owned
    if account is None:
        raise Http404("there is no account")
    try:
        done = adopt_opening(
            account, reason=request.POST.get("reason", ""), actor=person(request), now=clock.now()
        )
    except AdoptionRefused as refused:
        messages.error(request, f"Nothing was taken over: {refused}.")
    else:
        messages.info(request, f"{len(done)} values were taken over from the broker.")
    return redirect("books")


@asks("settings")
@require_POST
def flow(request: HttpRequest) -> HttpResponse:
    """Money paid in or out: shown once more with what it does, and booked on the second word."""
    account = shell_of(request).owned
    if account is None:
        raise Http404("there is no account")
    now, reason = clock.now(), request.POST.get("reason", "")
    try:
        told = _flow_of(request)
        if request.POST.get("sure") != "yes":
            shown = {
                "flow": told,
                "effect": effect_of(account, told, now),
                "reason": reason,
                "size": abs(told.amount),
            }
            return render(request, "dashboard/flow.html", shown)
        entry = book_flow(account, told, reason=reason, actor=person(request), now=now)
    except FlowRefused as refused:
        messages.error(request, f"Nothing was booked: {refused}")
    else:
        messages.info(request, f"{entry.amount:+,.2f} {entry.currency} of {entry.day:%-d %b} were booked.")
    return redirect("books")


def _flow_of(request: HttpRequest) -> Flow:
    """What cannot be read is no amount and no day, and nothing is guessed."""
    try:
        amount = Decimal(request.POST.get("amount", "").replace(",", "").strip())
        day = date.fromisoformat(request.POST.get("day", ""))
    except (InvalidOperation, ValueError):
        raise FlowRefused("FLOW_AMOUNT") from None
    out = request.POST.get("way") == "out"
    currency = request.POST.get("currency", "").strip().upper()
    if not amount.is_finite() or amount <= 0:
        raise FlowRefused("FLOW_AMOUNT")
    return Flow(currency=currency, amount=-amount if out else amount, day=day)


@asks("settings")
@require_POST
def take_over(request: HttpRequest) -> HttpResponse:
    """A contract is from now on what the broker tells; it is asked for once more."""
    number = request.POST.get("change", "")
    if not number.isdecimal() or len(number) > 15:
        raise Http404("there is no such change")
    try:
        row = take_over_change(
            int(number), reason=request.POST.get("reason", ""), actor=person(request), now=clock.now()
        )
    except ObjectDoesNotExist as missing:
        raise Http404("there is no such change") from missing
    except ChangeRefused as refused:
        messages.error(request, f"Nothing was changed: {refused}.")
    else:
        messages.info(request, f"{row.contract} is asked for again, and what is told then counts.")
    return redirect("books")
