"""Reads of tickets."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from statistics import median

from django.db.models import Count, Q, QuerySet

from apps.approvals.models import Request
from apps.desks.models import Account, Gateway, Strategy
from apps.journal.statements import Part, Question, Reading, Row, put, rows_of
from apps.market.models import Contract
from apps.plans.models import Line, Plan
from apps.tickets.models import Ticket
from tradingdesk.domain.approvals import ApprovedContent, ApprovedOrder, approval_digest
from tradingdesk.domain.tickets.states import MAY_STILL_FILL, RESERVES, State

Header = tuple[str, str, int, int, int, datetime, str]
LIVE = [state.value for state in RESERVES | MAY_STILL_FILL]
LIVING = [*LIVE, State.RELEASED.value, State.WRITTEN.value]


def tickets_of_request(request_id: int) -> QuerySet[Ticket]:
    rows = Ticket.objects.filter(request_id=request_id).select_related("contract", "parent")
    return rows.order_by("pk")


def live_tickets(account_id: int) -> QuerySet[Ticket]:
    """Those that may still fill, the unknown ones among them, and those about to be sent."""
    return Ticket.objects.filter(account_id=account_id, state__in=LIVE).select_related("contract", "strategy")


@dataclass(frozen=True, slots=True)
class Working:
    """As much of a living order as the checks look at."""

    key: str
    bracket: str
    con_id: int
    side: str
    price: Decimal | None


WORKING = """
    SELECT t.key, t.bracket, c.con_id, t.side, coalesce(t.limit_price, t.stop_price)
    FROM tickets_ticket t JOIN market_contract c ON c.id = t.contract_id
    WHERE t.account_id = %s AND t.state = ANY(%s::text[])
"""


@Reading
def working_orders(account_id: int) -> Question[list[Working]]:
    """The same as the live tickets, without making a model of each: an account may have thousands."""
    return Question(WORKING, [account_id, LIVE], lambda rows: [Working(*row) for row in rows])


_WORTH = "t.quantity * t.limit_price * c.multiplier / c.price_magnifier"
_ENTRIES = "FROM tickets_ticket t JOIN market_contract c ON c.id = t.contract_id WHERE t.role = 'entry'"


@Reading
def promised(account_id: int) -> Question[Decimal]:
    """What approved entries would cost that nobody has claimed yet: no room is reserved for them so far."""
    waiting = "t.account_id = %s AND t.state IN ('RELEASED', 'WRITTEN')"
    total = f"SELECT sum({_WORTH}) {_ENTRIES} AND {waiting}"
    return Question(total, [account_id], lambda rows: Decimal(rows[0][0] or 0))


@Reading
def usual_line(strategy_id: int, *, among: int = 200, at_least: int = 20) -> Question[Decimal | None]:
    """The median worth of a strategy's last lines; None while there are too few to call anything usual."""

    def usual(rows: list[Row]) -> Decimal | None:
        found = [worth for (worth,) in rows if worth]
        return Decimal(median(found)) if len(found) >= at_least else None

    lines = f"SELECT sum({_WORTH}) {_ENTRIES} AND t.strategy_id = %s AND t.line_id IS NOT NULL"
    newest = f"{lines} GROUP BY t.line_id ORDER BY t.line_id DESC LIMIT %s"
    return Question(newest, [strategy_id, among], usual)


LOCK_ACCOUNT = """
    SELECT id FROM desks_account WHERE id = (
        SELECT account_id FROM tickets_ticket WHERE bracket = %s AND state = 'RELEASED' LIMIT 1)
    FOR NO KEY UPDATE
"""
_T, _A, _G = Part(Ticket, "t"), Part(Account, "a"), Part(Gateway, "g", "id", "name", "client_id", "mode")
_S, _C, _L = Part(Strategy, "s", "id", "name", "system"), Part(Contract, "c"), Part(Line, "l")
# all of a request but its content, which the tickets are compared with as they stand
_R = Part(Request, "r", without=("content", "decision"))
_P = Part(Plan, "p", "id", "version", "author")
WITH_SURROUNDINGS = """
    FROM tickets_ticket t
    JOIN desks_account a ON a.id = t.account_id JOIN desks_gateway g ON g.id = a.gateway_id
    JOIN desks_strategy s ON s.id = t.strategy_id JOIN market_contract c ON c.id = t.contract_id
    LEFT JOIN plans_line l ON l.id = t.line_id JOIN approvals_request r ON r.id = t.request_id
    JOIN plans_plan p ON p.id = r.plan_id WHERE t.bracket = %s ORDER BY t.position_in_bracket
    FOR NO KEY UPDATE OF t
"""


def locked_bracket(bracket: str) -> list[Ticket]:
    """The account's lock first, then the tickets' own; all that the claim looks at comes with them.

    Empty when none of it is released. What hangs on the tickets is one object for all of them.
    """
    columns = ", ".join(part.columns for part in (_T, _A, _G, _S, _C, _L, _R, _P))
    released = Question(LOCK_ACCOUNT, [bracket], bool)
    family = Question(f"SELECT {columns} {WITH_SURROUNDINGS}", [bracket], _family)
    put(released, family)
    return family.answer() if released.answer() else []


def _family(rows: list[Row]) -> list[Ticket]:
    tickets: list[Ticket] = []
    for row in rows:
        values = iter(row)
        ticket = _T.read(values)
        if not tickets:
            account, gateway = _A.read(values), _G.read(values)
            strategy, contract, line = _S.read(values), _C.read(values), _L.read(values)
            request, plan = _R.read(values), _P.read(values)
            account.gateway, request.account, request.plan = gateway, account, plan
        ticket.account, ticket.strategy, ticket.contract, ticket.request = (
            account,
            strategy,
            contract,
            request,
        )
        ticket.line = line if ticket.line_id else None
        tickets.append(ticket)
    return tickets


SISTERS = """
    SELECT bracket, sum(CASE side WHEN 'BUY' THEN filled ELSE -filled END) FROM tickets_ticket
    WHERE request_id = %s AND line_id = %s GROUP BY bracket
"""


@Reading
def sister_brackets(entry: Ticket) -> Question[dict[str, Decimal]]:
    """All brackets of one line, with what each has bought, less what it has sold."""
    return Question(SISTERS, [entry.request_id, entry.line_id], lambda rows: dict(rows))


SENT = """
    SELECT count(*) FROM broker_intent i JOIN tickets_ticket t ON t.id = i.ticket_id
    WHERE t.account_id = %s AND i.sending_at >= %s
"""


@Reading
def sent_since(account_id: int, since: datetime) -> Question[int]:
    return Question(SENT, [account_id, since], lambda rows: int(rows[0][0]))


def ticket_with_key(key: str) -> Ticket | None:
    rows = Ticket.objects.select_related(
        "contract", "account__gateway", "strategy", "request__plan", "line", "parent", "stopping"
    )
    return rows.filter(key=key).first()


CONTENT = """
    SELECT t.key, c.con_id, c.symbol, c.currency, c.multiplier, t.side, t.quantity, t.order_type, t.role,
        t.tif, t.limit_price, t.stop_price, t.outside_rth, t.algo::text, p.key
    FROM tickets_ticket t JOIN market_contract c ON c.id = t.contract_id
    LEFT JOIN tickets_ticket p ON p.id = t.parent_id
    WHERE t.request_id = %s ORDER BY t.id
"""


def content_of_tickets(request: Request) -> ApprovedContent:
    """What the tickets of a request would send, as the content its digest was taken over."""
    return _content(_header(request), tuple(rows_of(CONTENT, [request.pk])))


@Reading
def digest_of_tickets(request: Request) -> Question[str]:
    """The digest of exactly that. It is read anew each time; hashed anew only when it reads otherwise."""
    return Question(CONTENT, [request.pk], lambda rows: _digest(_header(request), tuple(rows)))


def _header(request: Request) -> Header:
    return (
        request.account.code, request.account.gateway.mode, request.plan_id, request.plan.version,
        request.limit_set_id, request.cutoff_at, request.nonce,
    )  # fmt: skip


@lru_cache(maxsize=32)
def _digest(header: Header, rows: tuple[Row, ...]) -> str:
    return approval_digest(_content(header, rows))


def _content(header: Header, rows: tuple[Row, ...]) -> ApprovedContent:
    account, mode, plan, version, limit_set, cut_off, nonce = header
    return ApprovedContent(
        account=account,
        mode=mode,
        plan=plan,
        plan_version=version,
        limit_set=limit_set,
        cut_off=cut_off,
        nonce=nonce,
        orders=tuple(_approved(row) for row in rows),
    )


def _approved(row: Row) -> ApprovedOrder:
    (key, con_id, symbol, currency, multiplier, side, quantity, order_type, role, tif,
        limit_price, stop_price, outside_rth, algo, parent) = row  # fmt: skip
    return ApprovedOrder(
        key=key,
        con_id=con_id,
        symbol=symbol,
        currency=currency,
        multiplier=multiplier,
        side=side,
        quantity=quantity,
        order_type=order_type,
        role=role,
        tif=tif,
        limit_price=limit_price,
        stop_price=stop_price,
        outside_rth=outside_rth,
        algo=json.loads(algo),
        parent=parent,
    )


WRITTEN = """
    SELECT id FROM tickets_ticket WHERE created_at >= %s AND created_at < %s ORDER BY id DESC LIMIT %s
"""


def ticket_ids_between(start: datetime, end: datetime, *, newest: int) -> tuple[list[int], bool]:
    """So many written in a span of time, and all alive still; and whether there were more."""
    written = [key for (key,) in rows_of(WRITTEN, [start, end, newest + 1])]
    return sorted({*written[:newest], *living_ticket_ids()}), len(written) > newest


def living_ticket_ids() -> list[int]:
    """Every ticket of every account that may still fill or is about to be sent."""
    rows = rows_of("SELECT id FROM tickets_ticket WHERE state = ANY(%s::text[]) ORDER BY id", [LIVING])
    return [key for (key,) in rows]


def family_of(bracket: str) -> QuerySet[Ticket]:
    return Ticket.objects.filter(bracket=bracket).select_related("contract").order_by("position_in_bracket")


def tickets_of_plan(plan_id: int) -> QuerySet[Ticket]:
    return Ticket.objects.filter(request__plan_id=plan_id).order_by("pk")


def entry_counts(plan_ids: Iterable[int]) -> dict[int, dict[str, int]]:
    """Of each plan's entries: how many there are, how many filled at least in part, how many are unknown."""
    rows = (
        Ticket.objects.filter(request__plan_id__in=list(plan_ids), parent=None)
        .values("request__plan_id")
        .annotate(
            entries=Count("pk"),
            filled=Count("pk", filter=Q(filled__gt=0)),
            unknown=Count("pk", filter=Q(state="UNKNOWN")),
        )
    )
    return {
        row["request__plan_id"]: {name: row[name] for name in ("entries", "filled", "unknown")}
        for row in rows
    }
