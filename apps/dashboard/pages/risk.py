"""Risk: stop levels, limits with their use, breakers, and who changed what."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from apps.dashboard.books import Books
from apps.dashboard.breakers import breaker_rows, headline
from apps.dashboard.money import PRECAUTION
from apps.dashboard.shell import shell_of
from apps.dashboard.stops import scope_of
from apps.dashboard.templatetags.desk import money, quantity
from apps.ledger.queries import net_by_strategy
from apps.operators.pages.asking import asks
from apps.risk.queries import limit_history, newest_stoppings, stop_levels
from apps.tickets.queries import sent_since
from tradingdesk.domain.risk import LIMITS, Severity

ORDER = {name: place for place, name in enumerate(LIMITS)}
STOP_CSS = {"REDUCE_ONLY": "medium", "HALTED": "high"}


@dataclass(frozen=True, slots=True)
class LimitRow:
    """One limit, what is used of it, and since which version it is what it is."""

    name: str
    title: str
    now: str
    limit: str
    kind: str
    version: int
    width: str = ""
    share: str = ""
    left: str = ""
    css: str = ""
    word: str = ""


@asks("see")
@require_GET
def risk(request: HttpRequest) -> HttpResponse:
    shell = shell_of(request)
    if shell.owned is None:
        return render(request, "dashboard/no_account.html")
    books = shell.books
    history = list(limit_history())
    rows = breaker_rows(shell.now)
    context = {
        "limit_set": books.limit_set,
        "stops": _stops(request),
        "scopes": _scopes(books, history),
        "history": [_told(row) for row in history],
        "breakers": rows,
        "breakers_told": headline(rows),
        "stoppings": newest_stoppings(),
    }
    return render(request, "dashboard/risk.html", context)


def _stops(request: HttpRequest) -> list[dict[str, Any]]:
    """Everything, each account and strategy that was ever stopped, and those that never were."""
    standing = {(row.scope, row.key): row for row in stop_levels()}
    rows = []
    for one in shell_of(request).stop_scopes:
        scope, key = scope_of(one.value)
        row = standing.get((scope, key))
        level = row.level if row else "ACTIVE"
        rows.append(
            {
                "value": one.value,
                "title": "All accounts" if scope == "global" else one.title,
                "level": level,
                "css": STOP_CSS.get(level, ""),
                "since": row.since if row and (level != "ACTIVE" or scope == "global") else None,
                "by": row.by if row else "",
                "reason": row.reason if row else "",
            }
        )
    return rows


def _told(row: Any) -> dict[str, Any]:
    what = [f"{_title(change)} {change['old']} → {change['new']}" for change in row.changes]
    return {
        "version": row.version,
        "made_at": row.made_at,
        "made_by": row.made_by,
        "reason": row.reason,
        "what": ", ".join(what) or "first set",
    }


def _title(change: dict[str, Any]) -> str:
    scope = "" if change["scope"] == "global" else f" ({change['scope']})"
    limit = LIMITS.get(change["name"])
    return f"{limit.title if limit else change['name']}{scope}"


def _scopes(books: Books, history: list[Any]) -> list[dict[str, Any]]:
    used = _used(books)
    since = _since(history)
    scopes = []
    for scope, values in books.limit_set.values.items():
        rows = [
            _row(scope, name, Decimal(value), used=used, since=since)
            for name, value in sorted(values.items(), key=lambda item: ORDER.get(item[0], 0))
            if name in LIMITS
        ]
        scopes.append({"title": _scope_title(scope), "rows": rows})
    return scopes


def _scope_title(scope: str) -> str:
    kind, _, key = scope.partition(":")
    if kind == "account":
        return f"Account •••{key[-4:]}"
    return key or "Global"


def _used(books: Books) -> dict[str, Decimal | None]:
    """What is measured now. A limit on each single order has no use between orders."""
    return {
        "daily_exposure": books.committed,
        "daily_notional": books.committed,
        "gross_exposure": books.known("GrossPositionValue"),
        "open_positions": Decimal(sum(row.quantity != 0 for row in books.held)),
        "cumulative_loss": min(
            net_by_strategy(books.account.pk).values(), default=Decimal(0)
        ),  # the worst one's
        "order_rate": Decimal(sent_since(books.account.pk, books.now.replace(second=0, microsecond=0))),
    }


def _since(history: list[Any]) -> dict[tuple[str, str], int]:
    """The newest version that touched each limit."""
    found: dict[tuple[str, str], int] = {}
    for row in history:
        for change in row.changes:
            found.setdefault((change["scope"], change["name"]), row.version)
    return found


def _row(
    scope: str,
    name: str,
    value: Decimal,
    *,
    used: dict[str, Decimal | None],
    since: dict[tuple[str, str], int],
) -> LimitRow:
    limit = LIMITS[name]
    measured = used.get(name) if name in used else None
    use = _use(measured, value, falls=value < 0)
    css = "" if use is None else "high" if use >= 100 else "medium" if use > PRECAUTION else ""
    return LimitRow(
        name=name,
        title=limit.title,
        now="each order" if name not in used else money(measured, 0),
        limit=limit.told(quantity(value)),
        kind="hard" if limit.severity is Severity.HARD else "caution",
        version=since.get((scope, name), 1),
        width="" if use is None else f"{min(use, Decimal(100)):.1f}%",
        share="" if use is None else f"{use:.0f} %",
        left=_left(measured, value),
        css=css,
        word={"medium": "WARN", "high": "BLOCKS" if limit.severity is Severity.HARD else "WARN"}.get(css, ""),
    )


def _left(measured: Decimal | None, value: Decimal) -> str:
    """What may still be used of it."""
    if measured is None:
        return ""
    used = max(Decimal(0), -measured) if value < 0 else measured
    return f"{max(Decimal(0), abs(value) - used):,.0f}"


def _use(measured: Decimal | None, value: Decimal, *, falls: bool) -> Decimal | None:
    """Per cent of the limit; of a floor below zero only a loss uses anything."""
    if measured is None or not value:
        return None
    if falls:
        return Decimal(0) if measured >= 0 else 100 * measured / value
    return 100 * measured / value
