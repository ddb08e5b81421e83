"""Reads of tickets."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from statistics import median

from django.db.models import Count, F, Q, QuerySet, Sum

from apps.approvals.models import Request
from apps.tickets.models import Ticket
from tradingdesk.domain.approvals import ApprovedContent, ApprovedOrder
from tradingdesk.domain.tickets.states import MAY_STILL_FILL, RESERVES, State

LIVE = [state.value for state in RESERVES | MAY_STILL_FILL]


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


def working_orders(account_id: int) -> list[Working]:
    """The same as the live tickets, without making a model of each: an account may have thousands."""
    rows = Ticket.objects.filter(account_id=account_id, state__in=LIVE)
    names = ("key", "bracket", "contract__con_id", "side", "limit_price", "stop_price")
    return [
        Working(key, bracket, con_id, side, stop if limit is None else limit)
        for key, bracket, con_id, side, limit, stop in rows.values_list(*names)
    ]


_WORTH = F("quantity") * F("limit_price") * F("contract__multiplier") / F("contract__price_magnifier")


def promised(account_id: int) -> Decimal:
    """What approved entries would cost that nobody has claimed yet: no room is reserved for them so far."""
    rows = Ticket.objects.filter(
        account_id=account_id, role="entry", state__in=[State.RELEASED.value, State.WRITTEN.value]
    )
    return Decimal(rows.aggregate(total=Sum(_WORTH))["total"] or 0)


def usual_line(strategy_id: int, *, among: int = 200, at_least: int = 20) -> Decimal | None:
    """The median worth of a strategy's last lines; None while there are too few to call anything usual."""
    rows = Ticket.objects.filter(strategy_id=strategy_id, role="entry", line__isnull=False)
    worths = rows.values("line_id").annotate(worth=Sum(_WORTH)).order_by("-line_id")
    found = [row["worth"] for row in worths[:among] if row["worth"]]
    return Decimal(median(found)) if len(found) >= at_least else None


def net_filled(brackets: frozenset[str]) -> Decimal:
    """What these brackets have bought, less what they have sold."""
    rows = Ticket.objects.filter(bracket__in=brackets).values_list("side", "filled")
    return sum((filled if side == "BUY" else -filled for side, filled in rows), start=Decimal(0))


def sent_since(account_id: int, since: datetime) -> int:
    return Ticket.objects.filter(account_id=account_id, intents__sending_at__gte=since).count()


def ticket_with_key(key: str) -> Ticket | None:
    rows = Ticket.objects.select_related(
        "contract", "account__gateway", "strategy", "request__plan", "line", "parent"
    )
    return rows.filter(key=key).first()


def content_of_tickets(request: Request) -> ApprovedContent:
    """What the tickets of a request would send, as the content its digest was taken over."""
    header = request.content
    return ApprovedContent(
        account=request.account.code,
        mode=request.account.gateway.mode,
        plan=request.plan_id,
        plan_version=request.plan.version,
        limit_set=request.limit_set_id,
        cut_off=request.cutoff_at,
        nonce=header["nonce"],
        orders=tuple(_approved(ticket) for ticket in tickets_of_request(request.pk)),
    )


def _approved(ticket: Ticket) -> ApprovedOrder:
    contract = ticket.contract
    return ApprovedOrder(
        key=ticket.key,
        con_id=contract.con_id,
        symbol=contract.symbol,
        currency=contract.currency,
        multiplier=Decimal(contract.multiplier),
        side=ticket.side,
        quantity=ticket.quantity,
        order_type=ticket.order_type,
        role=ticket.role,
        tif=ticket.tif,
        limit_price=ticket.limit_price,
        stop_price=ticket.stop_price,
        outside_rth=ticket.outside_rth,
        algo=dict(ticket.algo),
        parent=ticket.parent.key if ticket.parent else None,
    )


def tickets_between(start: datetime, end: datetime, limit: int = 2000) -> QuerySet[Ticket]:
    """Those written in a span of time, brackets together, the newest bracket last."""
    rows = Ticket.objects.filter(created_at__gte=start, created_at__lt=end)
    rows = rows.select_related("contract", "strategy", "parent", "request", "account")
    return rows.order_by("pk")[:limit]


def living_tickets() -> QuerySet[Ticket]:
    """Every ticket of every account that may still fill or is about to be sent."""
    rows = Ticket.objects.filter(state__in=[*LIVE, State.RELEASED.value, State.WRITTEN.value])
    return rows.select_related("contract", "strategy", "parent", "request", "account").order_by("pk")


def family_of(bracket: str) -> QuerySet[Ticket]:
    return Ticket.objects.filter(bracket=bracket).select_related("contract").order_by("position_in_bracket")


def tickets_of_plan(plan_id: int) -> QuerySet[Ticket]:
    rows = Ticket.objects.filter(request__plan_id=plan_id)
    return rows.select_related("contract", "strategy", "parent", "request", "account").order_by("pk")


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
