"""Every order of ours that was sent: what became of it and what it cost against three benchmarks."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Q

from apps.broker.models import Intent
from apps.desks.models import Account
from apps.ledger.models import Fill
from apps.market.models import Mark
from apps.reports.ports import ZONE
from apps.tickets.models import Ticket
from tradingdesk.domain.money import Side
from tradingdesk.domain.scorecard import cost_bps, quantile, waiting_cost

BEFORE_CLOSE = timedelta(minutes=10)
LOWEST, HIGHEST, WIDTH = -20.0, 20.0, 1.0  # of the bins, in basis points
MONEY, CENT = Decimal("0.0001"), Decimal("0.01")


def tickets_of_day(account: Account, day: date, told: tuple[datetime, datetime]) -> list[Ticket]:
    """What plans of that day wrote, and what stops wrote since the report before."""
    start, end = told
    planned = Q(request__plan__trading_day=day, request__plan__account=account)
    stopped = Q(stopping__isnull=False, created_at__gte=start, created_at__lt=end)
    rows = Ticket.objects.filter(planned | stopped, account=account)
    return list(rows.select_related("contract", "strategy", "line", "request").order_by("pk"))


def sent_intents(tickets: Iterable[Ticket]) -> dict[int, list[Intent]]:
    """The attempts of each ticket that were sent, the first one first."""
    rows = Intent.objects.filter(ticket__in=[row.pk for row in tickets], sending_at__isnull=False)
    found: dict[int, list[Intent]] = {}
    for row in rows.order_by("ticket_id", "attempt"):
        found.setdefault(row.ticket_id, []).append(row)
    return found


def closing_mids(contract_ids: Iterable[int], close_at: datetime | None) -> dict[int, Decimal]:
    """The last price of each contract in the session's last minutes."""
    if close_at is None:
        return {}
    rows = Mark.objects.filter(
        contract_id__in=set(contract_ids), at__gt=close_at - BEFORE_CLOSE, at__lte=close_at
    )
    return dict(rows.order_by("at").values_list("contract_id", "price"))


@dataclass(frozen=True, slots=True)
class Traded:
    """What the fills of one ticket come to. The fee is unknown while that of one fill is."""

    quantity: Decimal
    cost: Decimal
    fee: Decimal | None
    first_at: datetime

    @property
    def price(self) -> Decimal:
        return self.cost / self.quantity


def traded_of(fills: Iterable[Fill]) -> dict[int, Traded]:
    found: dict[int, Traded] = {}
    for fill in fills:
        if fill.ticket_id is None:
            continue
        old = found.get(fill.ticket_id) or Traded(Decimal(0), Decimal(0), Decimal(0), fill.at)
        known = old.fee is not None and fill.commission is not None
        found[fill.ticket_id] = Traded(
            old.quantity + fill.quantity,
            old.cost + fill.quantity * fill.price,
            old.fee + fill.commission if known else None,  # type: ignore[operator]
            min(old.first_at, fill.at),
        )
    return found


def execution_rows(
    tickets: Sequence[Ticket], fills: Sequence[Fill], closing: Mapping[int, Decimal]
) -> list[dict[str, Any]]:
    """`closing` has the last price of each contract of which it is known."""
    intents, traded = sent_intents(tickets), traded_of(fills)
    return [
        _row(ticket, intents[ticket.pk], traded.get(ticket.pk), closing.get(ticket.contract_id))
        for ticket in tickets
        if ticket.pk in intents
    ]


def _row(
    ticket: Ticket, attempts: Sequence[Intent], traded: Traded | None, closing: Decimal | None
) -> dict[str, Any]:
    first, side = attempts[0], Side(ticket.side)
    price = traded.price if traded else None
    sent_at = first.sending_at
    assert sent_at is not None
    decided = decided_mid(ticket)
    # an exit waits for its price: what it is compared with is not the market as it was sent
    arrival = first.arrival_mid if ticket.parent_id is None else None
    waited = traded and ticket.role == "entry"
    return {
        "ticket_key": ticket.key,
        "strategy": ticket.strategy.name,
        "symbol": ticket.contract.symbol,
        "side": ticket.side,
        "role": ticket.role,
        "order_type": ticket.order_type,
        "phase": ticket.request.phase if ticket.request else "",
        "state": ticket.state,
        "attempts": len(attempts),
        "quantity": ticket.quantity,
        "filled": ticket.filled,
        "average_price": price.quantize(Decimal("0.000001")) if price else None,
        "worth": worth_of(ticket, traded),
        "commission": traded.fee if traded else None,
        "sent_at": sent_at,
        "filled_at": traded.first_at if traded else None,
        "hour": sent_at.astimezone(ZONE).hour,
        "arrival_mid": arrival,
        "spread_bps": _spread(first) if arrival else None,
        "decision_mid": decided,
        "close_mid": closing,
        "arrival_bps": rounded(cost_bps(side, price, arrival)),
        "decision_bps": rounded(cost_bps(side, price, decided)),
        "close_bps": rounded(cost_bps(side, price, closing)),
        "waiting_cost": _waiting(side, traded, decided, arrival) if waited and traded else None,
    }


def decided_mid(ticket: Ticket) -> Decimal | None:
    """The market when the plan was first put before whoever decides; an exit was decided with its entry."""
    if ticket.request is None or ticket.role != "entry":
        return None
    shown = ticket.request.shown
    mid = (shown.get("before") or shown.get("mids") or {}).get(str(ticket.contract.con_id))
    return None if mid is None else Decimal(mid)


def worth_of(ticket: Ticket, traded: Traded | None) -> Decimal | None:
    if traded is None:
        return None
    contract = ticket.contract
    return (traded.cost * contract.multiplier / contract.price_magnifier).quantize(CENT)


def _spread(intent: Intent) -> float | None:
    if intent.arrival_spread is None or not intent.arrival_mid:
        return None
    return rounded(intent.arrival_spread / intent.arrival_mid * 10_000)


def _waiting(side: Side, traded: Traded, decided: Decimal | None, arrival: Decimal | None) -> Decimal | None:
    cost = waiting_cost(side, traded.quantity, decided=decided, arrived=arrival)
    return None if cost is None else cost.quantize(MONEY)


def rounded(value: Decimal | None) -> float | None:
    return None if value is None else float(round(value, 3))


# what a day's orders come to


def slippage_summary(rows: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """The distribution of what arrival cost, with its bins, so that sessions can be added up."""
    values = [row["arrival_bps"] for row in rows if row["arrival_bps"] is not None]
    return {
        "n": len(values),
        "p50": _two(quantile(values, 0.5)),
        "p90": _two(quantile(values, 0.9)),
        "p99": _two(quantile(values, 0.99)),
        "bins": bins_of(values),
    }


def bins_of(values: Iterable[float]) -> dict[str, int]:
    """How many fell into each bin, by its lower edge; what is beyond the edges counts in the last ones."""
    edges = Counter(int(min(max(value, LOWEST), HIGHEST - WIDTH) // WIDTH) for value in values)
    return {str(edge): count for edge, count in sorted(edges.items())}


def _two(value: float | None) -> float | None:
    return None if value is None else round(value, 2)


def execution_summary(tickets: Sequence[Ticket], rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    entries = [row for row in tickets if row.role == "entry"]
    sent = {row["ticket_key"] for row in rows}
    asked = [row for row in entries if row.key in sent]
    fast = [
        (row["filled_at"] - row["sent_at"]).total_seconds()
        for row in rows
        if row["filled_at"] and row["role"] == "entry"
    ]
    reasons = Counter(row.reason_code for row in tickets if row.reason_code and row.state != "FILLED")
    return {
        "orders": len(tickets),
        "sent": len(rows),
        "entries": len(asked),
        "entries_filled": sum(1 for row in asked if row.filled > 0),
        "entries_part": sum(1 for row in asked if 0 < row.filled < row.quantity),
        "quantity": str(sum((row.quantity for row in asked), Decimal(0))),
        "quantity_filled": str(sum((row.filled for row in asked), Decimal(0))),
        "rejections": sum(1 for row in tickets if row.state == "REFUSED"),
        "unknowns": sum(1 for row in tickets if row.state == "UNKNOWN"),
        "cancelled": sum(1 for row in tickets if row.state == "CANCELLED"),
        "retried": sum(1 for row in rows if row["attempts"] > 1),
        "seconds_to_fill": _two(quantile(fast, 0.5)),
        "reasons": dict(reasons.most_common(12)),
    }
