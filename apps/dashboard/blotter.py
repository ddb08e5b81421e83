"""The blotter: which orders are asked for, in which order, in which groups. The address holds it all."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict
from django.urls import reverse

from apps.broker.standing import our_orders, their_orders
from apps.dashboard.days import span_of
from apps.dashboard.drawn import Rows
from apps.dashboard.rows import (
    DONE_GROUP,
    REJECTED_GROUP,
    WORKING_GROUP,
    OrderRow,
    brackets,
    group_of,
    put_fees,
    put_market,
    row_of,
)
from apps.dashboard.shell import Shell
from apps.dashboard.templatetags.desk import money, quantity, signed, since
from apps.ledger.queries import fees_of_tickets, fills_on
from apps.market.queries import books_day, last_quotes
from apps.runbook.situation import trading_day
from apps.tickets.queries import ticket_ids_between, tickets_of_plan


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name in the address, its title, its class, and whether one sees it without asking."""

    name: str
    title: str
    css: str = "opt-n"
    shown: bool = True
    sorts: bool = True


COLUMNS = (
    Column("at", "Time"),
    Column("strategy", "Strategy"),
    Column("account", "Account", shown=False),
    Column("title", "Contract", ""),
    Column("side", "Side", ""),
    Column("quantity", "Qty", "n"),
    Column("filled", "Filled", "n opt-n"),
    Column("order_type", "Type"),
    Column("tif", "TIF", shown=False),
    Column("price", "Limit", "n opt-n"),
    Column("average", "Average", "n opt-n"),
    Column("away", "Away", "n opt-n", sorts=False),
    Column("state_word", "State", ""),
    Column("attempt", "Try", "n opt-n"),
    Column("slip", "Slip", "n opt-n"),
    Column("fee", "Fee", "n opt-n", shown=False),
    Column("reference", "Reference", shown=False),
    Column("perm_id", "permId", "n opt-n", shown=False),
    Column("since", "Age", "n opt-n"),
)
ALWAYS = frozenset({"title", "side", "quantity", "state_word"})
PLAIN = tuple(column.name for column in COLUMNS if column.shown)
SORTS = frozenset(column.name for column in COLUMNS if column.sorts)
GROUPS = (
    ("", "All orders"),
    (WORKING_GROUP, "Working"),
    (DONE_GROUP, "Done"),
    (REJECTED_GROUP, "Rejected"),
)
HISTORY = timedelta(days=400)
NEWEST = 2000  # orders of a span of time; older ones stand in the reports of their days
ROWS = Rows("dashboard/_blotter_row.html", OrderRow, prefix="o-", leave_out=("away", "market"))
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Filter:
    q: str = ""
    group: str = ""
    day: str = "today"
    plan: str = ""
    strategy: str = ""
    sort: str = "-at"
    open: str = ""
    cols: tuple[str, ...] = PLAIN

    @staticmethod
    def of(asked: QueryDict) -> "Filter":
        names = ("q", "group", "day", "plan", "strategy", "sort", "open")
        told: dict[str, Any] = {name: str(asked.get(name, ""))[:80] for name in names}
        if told["group"] not in dict(GROUPS):
            told["group"] = ""
        told["day"] = "all" if told["day"] == "all" else "today"
        told["plan"] = told["plan"] if told["plan"].isdecimal() else ""
        if told["sort"].lstrip("-") not in SORTS:
            told["sort"] = "-at"
        wanted = ",".join(asked.getlist("cols")).split(",")
        if wanted != [""]:
            told["cols"] = tuple(one.name for one in COLUMNS if one.name in wanted or one.name in ALWAYS)
        return Filter(**told)

    @property
    def query(self) -> dict[str, str]:
        """What differs from the plain page."""
        plain = Filter()
        names = ("q", "group", "day", "plan", "strategy", "sort")
        told = {name: getattr(self, name) for name in names if getattr(self, name) != getattr(plain, name)}
        return told | ({} if self.cols == PLAIN else {"cols": ",".join(self.cols)})

    @property
    def active(self) -> bool:
        return bool(self.q or self.group or self.plan or self.strategy)

    @property
    def words(self) -> str:
        told = [f"“{self.q}”" if self.q else "", dict(GROUPS)[self.group].lower() if self.group else ""]
        told += [f"plan {self.plan}" if self.plan else "", self.strategy]
        return ", ".join(text for text in told if text)

    def href(self, **changed: str) -> str:
        query = {name: value for name, value in (self.query | changed).items() if value}
        return f"{reverse('orders')}?{urlencode(query)}"

    def chips(self) -> list[dict[str, str]]:
        """Each filter in force, and the address without it."""
        told = {
            "day": "Today" if self.day == "today" else "",
            "group": dict(GROUPS)[self.group] if self.group else "",
            "strategy": self.strategy,
            "plan": f"Plan {self.plan}" if self.plan else "",
        }
        without = {"day": "all"}
        return [
            {"title": title, "href": self.href(**{name: without.get(name, "")})}
            for name, title in told.items()
            if title
        ]


@dataclass
class Blotter:
    filter: Filter
    all_rows: list[OrderRow]
    day: date
    fills: int
    zone: str
    left_out: bool = False
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
        if self.filter.strategy and row.strategy != self.filter.strategy:
            return False
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

    @property
    def slip(self) -> Decimal | None:
        """Of everything shown that filled, by what it was worth."""
        known = [(row.slip, row.traded) for row in self.rows if row.slip is not None and row.traded]
        worth = sum((abs(traded) for _, traded in known), start=ZERO)
        return sum((slip * abs(traded) for slip, traded in known), start=ZERO) / worth if worth else None

    @cached_property
    def totals(self) -> dict[str, Any]:
        """Of the rows shown, under their columns; money where every part of it is known."""
        wanted = sum((row.quantity for row in self.rows), start=ZERO)
        filled = sum((row.filled for row in self.rows), start=ZERO)
        traded = sum((row.traded for row in self.rows), start=ZERO)
        fees = sum((row.fee for row in self.rows if row.fee is not None), start=ZERO)
        return {
            "quantity": quantity(wanted),
            "filled": quantity(filled),
            "average": money(traded) if filled else "",
            "state_word": f"{100 * filled / wanted:.0f} % filled" if wanted else "",
            "slip": signed(self.slip, 1),
            "fee": money(fees) if filled else "",
            "title": "1 order" if len(self.rows) == 1 else f"{len(self.rows)} orders",
        }

    def _drawn(self) -> dict[str, str]:
        query = urlencode(self.filter.query)
        look = {"cols": self.filter.cols, "zone": self.zone, "query_open": f"{query}&" if query else ""}
        opened = self.filter.open
        return {row.key: ROWS.draw(row, {**look, "selected": row.key == opened}) for row in self.rows}

    def context(self, *, seen: str) -> dict[str, Any]:
        """What the table shows; rows that the screen with that mark shows already are only named."""
        by_key = {row.key: row for row in self.rows}
        drawn = self._drawn()
        sent = ROWS.send(drawn, lambda key: _what_goes_on(by_key[key]), seen=seen)
        groups = self._shown()
        for group in groups:
            group["sent"] = [sent[row.key] for row in group["rows"]]
        counts = {"orders": len(self.all_rows), "shown": len(self.rows), "fills": self.fills}
        shown = [column for column in COLUMNS if column.name in self.filter.cols]
        return {
            "group_rows": groups,
            "mark": ROWS.mark(drawn),
            "counts": counts,
            "newest": NEWEST if self.left_out else 0,
            "totals": [(column.css, self.totals.get(column.name, "")) for column in shown],
            "cols": self.filter.cols,
            "columns": [self._column(column) for column in shown],
            "choices": [column for column in COLUMNS if column.name not in ALWAYS],
            "groups": GROUPS,
            "strategies": sorted({row.strategy for row in self.all_rows} | {self.filter.strategy} - {""}),
            "chips": self.filter.chips(),
        }

    def _column(self, column: Column) -> dict[str, str]:
        name, sort, arrow, wanted = column.name, "", "", column.name
        if self.filter.sort.lstrip("-") == name:
            back = self.filter.sort.startswith("-")
            sort, arrow = ("descending", " ↓") if back else ("ascending", " ↑")
            wanted = name if back else f"-{name}"
        href = self.filter.href(sort=wanted) if column.sorts else ""
        return {"title": column.title, "css": column.css, "sort": sort, "arrow": arrow, "href": href}


def _what_goes_on(row: OrderRow) -> dict[str, Any]:
    return {"away": row.away, "age": since(row.since)}


def blotter_of(wanted: Filter, shell: Shell) -> Blotter:
    today = trading_day(shell.now)
    start, end = span_of(today)
    if wanted.day == "all":
        start -= HISTORY
    if wanted.plan:
        tickets, left_out = list(tickets_of_plan(int(wanted.plan)).values_list("pk", flat=True)), False
        told = our_orders(tickets)
    else:
        tickets, left_out = ticket_ids_between(start, end, newest=NEWEST)
        told = [*our_orders(tickets), *their_orders(start, end)]
    rows = [row_of(order) for order in told if shell.reaches(order.account)]
    put_market(rows, last_quotes({row.contract_id for row in rows if row.contract_id and not row.ended_at}))
    put_fees(rows, fees_of_tickets(tickets))
    fills = fills_on(books_day(shell.now), shell.owned.pk).count() if shell.owned else 0
    return Blotter(wanted, rows, today, fills, shell.zone, left_out)
