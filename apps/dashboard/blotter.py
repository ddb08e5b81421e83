"""The blotter: which orders are asked for, in which order, in which groups. The address holds it all."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from apps.broker.queries import foreign_orders
from apps.dashboard.books import Books
from apps.dashboard.days import span_of
from apps.dashboard.rows import (
    DONE_GROUP,
    REJECTED_GROUP,
    WORKING_GROUP,
    OrderRow,
    brackets,
    foreign_row,
    group_of,
    put_market,
    rows_of,
)
from apps.dashboard.shell import Shell
from apps.market.queries import last_quotes
from apps.runbook.situation import trading_day
from apps.tickets.queries import living_tickets, tickets_between, tickets_of_plan

# sort name, title, class
COLUMNS = (
    ("at", "Time", "opt-n"),
    ("strategy", "Strategy", "opt-n"),
    ("title", "Contract", ""),
    ("side", "Side", ""),
    ("quantity", "Qty", "n"),
    ("filled", "Filled", "n opt-n"),
    ("order_type", "Type", "opt-n"),
    ("price", "Limit", "n opt-n"),
    ("average", "Average", "n opt-n"),
    ("", "Away", "n opt-n"),
    ("state_word", "State", ""),
    ("since", "Age", "n opt-n"),
)
SORTS = frozenset(name for name, _, _ in COLUMNS if name)
GROUPS = (
    ("", "All orders"),
    (WORKING_GROUP, "Working"),
    (DONE_GROUP, "Done"),
    (REJECTED_GROUP, "Rejected"),
)
HISTORY = timedelta(days=400)


@dataclass(frozen=True, slots=True)
class Filter:
    q: str = ""
    group: str = ""
    day: str = "today"
    plan: str = ""
    sort: str = "-at"
    open: str = ""

    @staticmethod
    def of(asked: Mapping[str, Any]) -> "Filter":
        told = {name: str(asked.get(name, ""))[:80] for name in ("q", "group", "day", "plan", "sort", "open")}
        if told["group"] not in dict(GROUPS):
            told["group"] = ""
        told["day"] = "all" if told["day"] == "all" else "today"
        told["plan"] = told["plan"] if told["plan"].isdecimal() else ""
        if told["sort"].lstrip("-") not in SORTS:
            told["sort"] = "-at"
        return Filter(**told)

    @property
    def query(self) -> dict[str, str]:
        """What differs from the plain page."""
        plain = Filter()
        names = ("q", "group", "day", "plan", "sort")
        return {name: getattr(self, name) for name in names if getattr(self, name) != getattr(plain, name)}

    @property
    def active(self) -> bool:
        return bool(self.q or self.group or self.plan)

    @property
    def words(self) -> str:
        told = [f"“{self.q}”" if self.q else "", dict(GROUPS)[self.group].lower() if self.group else ""]
        told.append(f"plan {self.plan}" if self.plan else "")
        return ", ".join(text for text in told if text)

    def href(self, **changed: str) -> str:
        query = {name: value for name, value in (self.query | changed).items() if value}
        return f"{reverse('orders')}?{urlencode(query)}"


@dataclass
class Blotter:
    filter: Filter
    all_rows: list[OrderRow]
    day: date
    fills: int
    groups: dict[str, list[list[OrderRow]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for bracket in self._sorted():
            kept = [row for row in bracket if self._fits(row)]
            group = group_of(bracket)
            if kept and self.filter.group in ("", group):
                self.groups.setdefault(group, []).append(kept)

    def _sorted(self) -> list[list[OrderRow]]:
        name, back = self.filter.sort.lstrip("-"), self.filter.sort.startswith("-")
        found = brackets(self.all_rows)
        known = [one for one in found if getattr(one[0], name) is not None]
        unknown = [one for one in found if getattr(one[0], name) is None]
        return sorted(known, key=lambda one: getattr(one[0], name), reverse=back) + unknown

    def _fits(self, row: OrderRow) -> bool:
        return all(word in row.search_text for word in self.filter.q.lower().split())

    @cached_property
    def rows(self) -> list[OrderRow]:
        return [row for group in self._shown() for row in group["rows"]]

    def _shown(self) -> list[dict[str, Any]]:
        return [
            {"title": title, "rows": [row for bracket in self.groups[name] for row in bracket]}
            for name, title in GROUPS[1:]
            if name in self.groups
        ]

    def context(self) -> dict[str, Any]:
        totals = {
            "quantity": sum((row.quantity for row in self.rows), start=Decimal(0)),
            "filled": sum((row.filled for row in self.rows), start=Decimal(0)),
        }
        counts = {"orders": len(self.all_rows), "shown": len(self.rows), "fills": self.fills}
        return {
            "group_rows": self._shown(),
            "counts": counts,
            "totals": totals,
            "columns": [self._column(*column) for column in COLUMNS],
            "groups": GROUPS,
            "chips": self._chips(),
        }

    def _column(self, name: str, title: str, css: str) -> dict[str, str]:
        sort, arrow, wanted = "", "", name
        if name and self.filter.sort.lstrip("-") == name:
            back = self.filter.sort.startswith("-")
            sort, arrow = ("descending", " ↓") if back else ("ascending", " ↑")
            wanted = name if back else f"-{name}"
        href = self.filter.href(sort=wanted) if name else ""
        return {"title": title, "css": css, "sort": sort, "arrow": arrow, "href": href}

    def _chips(self) -> list[dict[str, str]]:
        if not self.filter.plan:
            return []
        return [{"title": f"Plan {self.filter.plan}", "href": self.filter.href(plan="")}]


def blotter_of(wanted: Filter, shell: Shell) -> Blotter:
    today = trading_day(shell.now)
    start, end = span_of(today)
    if wanted.day == "all":
        start -= HISTORY
    if wanted.plan:
        tickets = list(tickets_of_plan(int(wanted.plan)))
        foreign: list[Any] = []
    else:
        found = {row.pk: row for row in (*tickets_between(start, end), *living_tickets())}
        tickets = [found[pk] for pk in sorted(found)]
        foreign = list(foreign_orders(start, end))
    rows = [*rows_of(tickets), *(foreign_row(order) for order in foreign)]
    put_market(rows, last_quotes({row.contract_id for row in rows if row.contract_id and not row.ended_at}))
    fills = len(Books(shell.owned, shell.now).fills) if shell.owned else 0
    return Blotter(wanted, rows, today, fills)
