"""Orders and fills: one table, one life; cancelling is a plain act that is never gated."""

import csv
from collections.abc import Iterable, Iterator
from datetime import UTC
from io import StringIO
from typing import Any
from urllib.parse import urlencode

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from apps.broker.actions.ask_cancel import ask_cancel, ask_cancel_foreign
from apps.broker.actions.resolve_unknown import ResolutionRefused, resolve_ended, resolve_not_sent
from apps.broker.actions.retry_bracket import RetryRefused, retry_bracket
from apps.dashboard.blotter import Blotter, Filter, blotter_of
from apps.dashboard.cards import Notice
from apps.dashboard.days import ZONE
from apps.dashboard.life import Life, life_of
from apps.dashboard.pages.answers import back, is_fragment, person
from apps.dashboard.pages.saved_views import views_context
from apps.dashboard.sharing import read_once
from apps.dashboard.shell import shell_of
from apps.dashboard.streaming import file_answer
from apps.dashboard.whose import account_of_order
from apps.journal import clock
from apps.journal.actions.write_entry import write_entry
from apps.journal.ports import Subject
from apps.operators.pages.asking import asks

VERDICTS = {
    "not_sent": (resolve_not_sent, "Ruled: never sent."),
    "ended": (resolve_ended, "Ruled: it is over."),
}
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def _context(request: HttpRequest) -> dict[str, Any]:
    shell = shell_of(request)
    wanted = Filter.of(request.GET)
    blotter = read_once(request, wanted, ("orders", "fills"), lambda: blotter_of(wanted, shell))
    return {
        **blotter.context(seen=request.GET.get("seen", "")),
        "filter": wanted,
        "query": urlencode(wanted.query | ({"open": wanted.open} if wanted.open else {})),
    }


@asks("see")
@require_GET
def orders(request: HttpRequest) -> HttpResponse:
    context = _context(request)
    key = request.GET.get("open", "")
    context |= views_context(request, "orders", urlencode(context["filter"].query))
    context["life"] = life_of(key, shell_of(request)) if key else None
    return render(request, "dashboard/orders.html", context)


@asks("see")
@require_GET
def rows(request: HttpRequest) -> HttpResponse:
    return render(request, "dashboard/_blotter.html", _context(request) | {"is_live": True})


@asks("see", account=account_of_order)
@require_GET
def life(request: HttpRequest, key: str) -> HttpResponse:
    if not is_fragment(request):
        return redirect(f"{reverse('orders')}?open={key}")
    return _life(request, key)


@asks("cancel", account=account_of_order)
@require_POST
def cancel(request: HttpRequest, key: str) -> HttpResponse:
    """Asked for twice it is asked once; the answer says what is true now, not what was wished."""
    shown = life_of(key, shell_of(request))
    if shown is None:
        raise Http404(f"there is no order {key}")
    living = shown.living
    if not living:
        notice = Notice(
            "Nothing to cancel.", f"It is {shown.row.state_word.lower()} already, {_filled(shown)}."
        )
        return _life(request, key, notice, status=409)
    outcomes = {_cancel(row.key, request) for row in living}
    return _life(request, key, _told(outcomes))


def _cancel(key: str, request: HttpRequest) -> str:
    if key.startswith("foreign-"):
        return ask_cancel_foreign(int(key.removeprefix("foreign-")), actor=person(request))
    return ask_cancel(key, actor=person(request))


def _told(outcomes: set[str]) -> Notice | None:
    """Of a cancel that is on its way the order's life tells by itself, until it is answered."""
    if outcomes == {"withdrawn"}:
        at = f"{clock.now().astimezone(ZONE):%H:%M:%S}"
        return Notice("Withdrawn.", f"Nothing of it was sent. {at}")
    if outcomes == {"done"}:
        return Notice("It ended first.", "There was nothing left to cancel.")
    return None


def _filled(shown: Life) -> str:
    return f"{shown.row.filled.normalize():f} of {shown.row.quantity.normalize():f} filled"


@asks("resolve", account=account_of_order)
@require_POST
def resolve(request: HttpRequest, key: str) -> HttpResponse:
    """A person rules that an order never arrived, or that it is over, having been shown what there is."""
    shown = life_of(key, shell_of(request))
    if shown is None:
        raise Http404(f"there is no order {key}")
    if shown.unknown is None or request.POST.get("state_seen") != shown.row_version:
        notice = Notice(
            "It changed meanwhile.", f"It is {shown.row.state_word.lower()} now. Nothing was ruled."
        )
        return _life(request, key, notice, status=409)
    rule, told = VERDICTS.get(request.POST.get("verdict", ""), VERDICTS["not_sent"])
    also = [one for key, one in shown.unknown.also.items() if key in request.POST.getlist("also")]
    try:
        with transaction.atomic():  # all of them or none
            for intent_id in (shown.unknown.intent_id, *(one.intent_id for one in also)):
                rule(intent_id, actor=person(request), reason=request.POST.get("reason", ""))
    except ResolutionRefused as refused:
        return _life(request, key, Notice("Not ruled.", f"{refused}. Nothing was changed."), status=409)
    whose = "Their" if also else "Its"
    return _life(request, key, Notice(told, f"{whose} room under the limits is free again."))


@asks("approve", account=account_of_order)
@require_POST
def retry(request: HttpRequest, key: str) -> HttpResponse:
    """A person lets a bracket that was never sent go out again: a new attempt, judged like the first."""
    shown = life_of(key, shell_of(request))
    if shown is None or shown.row.foreign:
        raise Http404(f"there is no order {key}")
    if request.POST.get("state_seen") != shown.row_version:
        state = shown.row.state_word.lower()
        return _life(
            request, key, Notice("It changed meanwhile.", f"It is {state} now. Nothing was done."), status=409
        )
    try:
        retry_bracket(key, actor=person(request), reason=request.POST.get("reason", ""))
    except RetryRefused as refused:
        return _life(request, key, Notice("Not sent.", f"{refused}. Nothing was changed."), status=409)
    return _life(request, key, Notice("Released again.", "The link judges it anew before it sends it."))


def _life(request: HttpRequest, key: str, notice: Notice | None = None, *, status: int = 200) -> HttpResponse:
    if not is_fragment(request):
        return back(request, f"{reverse('orders')}?open={key}", notice)
    found = life_of(key, shell_of(request), notice=notice)
    if found is None:
        raise Http404(f"there is no order {key}")
    return render(request, "dashboard/_life.html", {"life": found}, status=status)


@asks("see")
@require_GET
def export(request: HttpRequest) -> StreamingHttpResponse:
    """Exactly the rows and the order of the screen, at full precision."""
    wanted = Filter.of(request.GET)
    blotter = blotter_of(wanted, shell_of(request))
    with transaction.atomic():
        about = Subject("orders", f"{blotter.day:%Y-%m-%d}")
        write_entry("export_orders", subject=about, actor=person(request), after=wanted.query)
    return file_answer(request, csv_lines(blotter), f"orders-{blotter.day:%Y-%m-%d}.csv")


KEPT = ("account", "strategy", "key", "role")  # whatever the screen shows, a row can be told from another


def csv_lines(blotter: Blotter) -> Iterator[str]:
    names = [*KEPT, *(name for name in blotter.filter.cols if name not in (*KEPT, "at", "since"))]
    yield csv_line(("at_utc", "at_exchange", *names, "ended_at_utc"))
    for row in blotter.rows:
        exchange = row.at.astimezone(ZONE)
        ended = row.ended_at.astimezone(UTC).isoformat() if row.ended_at else ""
        values = (getattr(row, name) for name in names)
        yield csv_line((row.at.astimezone(UTC).isoformat(), exchange.isoformat(), *values, ended))


def csv_line(values: Iterable[Any]) -> str:
    out = StringIO()
    csv.writer(out).writerow([neutral(value) for value in values])
    return out.getvalue()


def neutral(value: Any) -> Any:
    """A spreadsheet must not read a text of ours as a formula."""
    if value is None:
        return ""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value
