"""The desk: the whole day on one screen, tile by tile; and the parts of the shell that are live."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST

from apps.broker.queries import newest_intents
from apps.broker.standing import our_orders
from apps.dashboard.books import Books, title_of
from apps.dashboard.feed import TOPICS
from apps.dashboard.money import band_of
from apps.dashboard.needs import needs_of, nothing_text, strip_of
from apps.dashboard.rows import OrderRow, away_ticks, label_of, put_market, row_of, slip_bps
from apps.dashboard.sharing import shared
from apps.dashboard.shell import CHOSEN_ACCOUNT, Shell, shell_of
from apps.dashboard.today import today_of
from apps.operators.pages.asking import asks
from apps.tickets.queries import living_ticket_ids

FILLS_SHOWN = 14
Reader = Callable[[Shell, Books], dict[str, Any]]


@asks("see")
@require_GET
def desk(request: HttpRequest) -> HttpResponse:
    shell = shell_of(request)
    if shell.owned is None:
        return render(request, "dashboard/no_account.html")
    context: dict[str, Any] = {}
    for _template, read in TILES.values():
        context |= read(shell, shell.books)
    return render(request, "dashboard/desk.html", context)


@asks("see")
@require_GET
@shared(*TOPICS)
def tile(request: HttpRequest, name: str) -> HttpResponse:
    shell = shell_of(request)
    if name not in TILES or shell.owned is None:
        raise Http404(f"there is no tile {name}")
    template, read = TILES[name]
    return render(request, f"dashboard/{template}.html", read(shell, shell.books))


def _needs(shell: Shell, books: Books) -> dict[str, Any]:
    return {"needs": needs_of(shell, books), "needs_nothing": nothing_text(books)}


def _today(shell: Shell, books: Books) -> dict[str, Any]:
    return {"today": today_of(books, shell.session)}


def _strip(shell: Shell, books: Books) -> dict[str, Any]:
    return {"strip": strip_of(shell, books)}


def _band(shell: Shell, books: Books) -> dict[str, Any]:
    return {"band": band_of(books)}


def _working(shell: Shell, books: Books) -> dict[str, Any]:
    told = [order for order in our_orders(living_ticket_ids()) if shell.reaches(order.account)]
    rows = [row_of(order) for order in told]
    put_market(rows, books.quotes)
    rows.sort(key=_nearest)
    waits = any(row.waiting for row in rows)
    why = "Orders appear here when a plan has been approved." if not waits else "Some are about to be sent."
    return {"working": rows, "working_why": why}


def _nearest(row: OrderRow) -> tuple[bool, int]:
    steps = away_ticks(row.price, row.market, row.tick)
    return steps is None, steps or 0


def _positions(shell: Shell, books: Books) -> dict[str, Any]:
    return {"positions": books.positions, "positions_why": flat_text(books)}


def flat_text(books: Books) -> str:
    return "Our fills say so; the broker lists nothing either." if not books.positions else ""


def _strategies(shell: Shell, books: Books) -> dict[str, Any]:
    plans: dict[int, int] = {}
    for plan in books.plans:
        plans[plan.strategy_id] = plans.get(plan.strategy_id, 0) + 1
    rows = []
    for strategy, phase in shell.strategies:
        part = books.parts.get(strategy.pk)
        rows.append(
            {
                "name": strategy.name,
                "phase": phase,
                "plans": plans.get(strategy.pk, 0),
                "fills": part.fills if part else 0,
                "pnl": part.net if part else None,
                "provisional": part.provisional if part else False,
            }
        )
    return {"strategies": rows}


def _fills(shell: Shell, books: Books) -> dict[str, Any]:
    shown = books.fills[:FILLS_SHOWN]
    arrivals = newest_intents(fill.ticket_id for fill in shown if fill.ticket_id)
    rows = [
        {
            "id": fill.pk,
            "at": fill.at,
            "side": fill.side,
            "quantity": fill.quantity,
            "title": fill_title(fill),
            "price": fill.price,
            "tick": fill.contract.min_tick,
            "slip": _slip(fill, arrivals.get(fill.ticket_id)),
        }
        for fill in shown
    ]
    return {"fills": rows, "fills_count": len(books.fills)}


def _slip(fill: Any, intent: Any) -> Decimal | None:
    ticket = fill.ticket
    if ticket is None or intent is None:
        return None
    own = ticket.limit_price if ticket.limit_price is not None else ticket.stop_price
    return slip_bps(fill.side, fill.price, intent.arrival_mid if ticket.parent_id is None else own)


def fill_title(fill: Any) -> str:
    label = f" {label_of(fill.ticket.bracket)}" if fill.ticket else ""
    return f"{title_of(fill.contract)}{label}"


TILES: dict[str, tuple[str, Reader]] = {
    "needs": ("_needs", _needs),
    "today": ("_today", _today),
    "strip": ("_state_strip", _strip),
    "band": ("_money_band", _band),
    "working": ("_working", _working),
    "positions": ("_positions_tile", _positions),
    "strategies": ("_strategies", _strategies),
    "fills": ("_fills", _fills),
}


@asks("see")
@require_GET
@shared("link", "risk", "review", "alerts", "seconds")
def header(request: HttpRequest) -> HttpResponse:
    return render(request, "dashboard/_header.html")


@asks("see")
@require_GET
@shared("link")
def banner(request: HttpRequest) -> HttpResponse:
    return render(request, "dashboard/_link_banner.html")


@asks("see")
@require_POST
def show_account(request: HttpRequest) -> HttpResponse:
    """From now on this login's pages are about another account, if it is within reach."""
    asked = request.POST.get("account", "")
    found = next((one for one in shell_of(request).accounts if str(one.pk) == asked), None)
    if found is None:
        raise Http404("there is no such account within your reach")
    request.session[CHOSEN_ACCOUNT] = found.pk
    onward = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(onward, allowed_hosts={request.get_host()})
    return redirect(onward if safe else "desk")


@asks("see")
@require_GET
def more(request: HttpRequest) -> HttpResponse:
    """The rest of the pages, for a phone."""
    return render(request, "dashboard/more.html")
