"""Books: cash, rates, what the worth is made of, what was earned why; opening them, and changed contracts."""

from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from apps.dashboard.booksheet import Sheet
from apps.dashboard.pages.answers import person
from apps.dashboard.shell import shell_of
from apps.journal import clock
from apps.ledger.actions.adopt import AdoptionRefused, adopt_opening
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
