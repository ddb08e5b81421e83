"""The rows of a stop: one for each order, and what became of it by the broker's word."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from apps.broker.models import Ask, Intent, Order
from apps.journal.actions.write_entry import write_entry
from apps.journal.ports import Actor
from apps.risk.models import StoppedOrder, Stopping
from apps.tickets.models import Ticket
from tradingdesk.domain.tickets.states import NEVER_LEFT, State, is_done

STOP = Actor("system", "stop")
FOREIGN = "perm-"
TOLD = {
    "confirmed": (StoppedOrder.CONFIRMED, "gone, by the broker's word"),
    "filled": (StoppedOrder.FILLED, "filled before the cancel came"),
    "refused": (StoppedOrder.FAILED, "the cancel was refused"),
}


def row_of_unsent(stopping: Stopping, ticket: Ticket, why: str, now: datetime) -> StoppedOrder:
    return StoppedOrder(
        stopping=stopping,
        reference=ticket.key,
        ticket_key=ticket.key,
        account_code=ticket.account.code,
        symbol=ticket.contract.symbol,
        side=ticket.side,
        quantity=ticket.quantity,
        result=StoppedOrder.CONFIRMED,
        reason=why,
        changed_at=now,
    )


def row_of_intent(stopping: Stopping, intent: Intent, now: datetime) -> StoppedOrder:
    ticket = intent.ticket
    return StoppedOrder(
        stopping=stopping,
        reference=intent.order_ref,
        ticket_key=ticket.key,
        account_code=ticket.account.code,
        symbol=ticket.contract.symbol,
        side=ticket.side,
        quantity=ticket.quantity,
        client_id=intent.client_id,
        order_id=intent.order_id,
        changed_at=now,
    )


def row_of_foreign(stopping: Stopping, order: Order, now: datetime) -> StoppedOrder:
    return StoppedOrder(
        stopping=stopping,
        reference=f"{FOREIGN}{order.perm_id}",
        account_code=order.account.code if order.account else "",
        symbol=order.symbol,
        side=order.side,
        quantity=order.quantity,
        client_id=order.client_id,
        order_id=order.order_id,
        changed_at=now,
    )


@transaction.atomic
def settle_rows(stopping: Stopping, now: datetime) -> int:
    """Let each open row follow from its order. Returns how many are still open."""
    rows = list(stopping.orders.exclude(result__in=StoppedOrder.FINAL))
    if not rows:
        return 0
    seen = _look(rows)
    changed = [row for row in rows if _settle(row, seen, now)]
    if changed:
        StoppedOrder.objects.bulk_update(changed, ["result", "reason", "changed_at"])
        write_entry(
            "orders_stopped",
            subject=stopping,
            actor=STOP,
            after={row.reference: row.result for row in changed},
            topics=("risk",),
        )
    return sum(row.result not in StoppedOrder.FINAL for row in rows)


@dataclass(frozen=True, slots=True)
class _Seen:
    """What the tables say of all rows, read once for all of them."""

    tickets: dict[str, Ticket]
    orders: dict[str, Order]
    asks: dict[str, Ask]


def _look(rows: Sequence[StoppedOrder]) -> _Seen:
    keys = [row.ticket_key for row in rows if row.ticket_key]
    perms = [int(row.reference.removeprefix(FOREIGN)) for row in rows if row.reference.startswith(FOREIGN)]
    foreign = Order.objects.filter(perm_id__in=perms, intent=None) if perms else []
    orders = {f"{FOREIGN}{one.perm_id}": one for one in foreign}
    about = Q(intent__ticket__key__in=keys) | Q(order__in=[one.pk for one in orders.values()])
    asks: dict[str, Ask] = {}
    for ask in Ask.objects.filter(about).select_related("intent__ticket", "order").order_by("pk"):
        if ask.intent is not None:
            asks[ask.intent.ticket.key] = ask
        elif ask.order is not None:
            asks[f"{FOREIGN}{ask.order.perm_id}"] = ask
    tickets = {one.key: one for one in Ticket.objects.filter(key__in=keys)}
    return _Seen(tickets, orders, asks)


def _settle(row: StoppedOrder, seen: _Seen, now: datetime) -> bool:
    told = _of_foreign(row, seen) if row.reference.startswith(FOREIGN) else _of_ticket(row, seen)
    if told == (row.result, row.reason):
        return False
    row.result, row.reason = told
    row.changed_at = now
    return True


def _of_ticket(row: StoppedOrder, seen: _Seen) -> tuple[str, str]:
    ticket = seen.tickets[row.ticket_key]
    state = State(ticket.state)
    if row.kind == StoppedOrder.CLOSE:
        return _of_close(ticket, state)
    if state is State.FILLED:
        return TOLD["filled"]
    if is_done(state):
        if state in NEVER_LEFT:
            return StoppedOrder.CONFIRMED, "nothing of it was sent"
        part = f", {ticket.filled.normalize():f} filled before" if ticket.filled else ""
        return StoppedOrder.CONFIRMED, TOLD["confirmed"][1] + part
    if state is State.UNKNOWN:
        return StoppedOrder.UNKNOWN, "nobody knows what became of it; look in TWS"
    return _of_ask(seen.asks.get(row.ticket_key))


def _of_ask(ask: Ask | None) -> tuple[str, str]:
    if ask is None or (ask.sent_at is None and not ask.outcome):
        return StoppedOrder.ASKED, "the cancel waits for the link"
    if ask.outcome in TOLD:
        result, words = TOLD[ask.outcome]
        return result, ask.reason or words
    return StoppedOrder.PENDING, "the cancel is sent; the broker has not confirmed it"


def _of_foreign(row: StoppedOrder, seen: _Seen) -> tuple[str, str]:
    order = seen.orders[row.reference]
    state = State(order.state)
    if is_done(state):
        return TOLD["filled"] if state is State.FILLED else TOLD["confirmed"]
    return _of_ask(seen.asks.get(row.reference))


def _of_close(ticket: Ticket, state: State) -> tuple[str, str]:
    told = f"{ticket.filled.normalize():f} of {ticket.quantity.normalize():f} closed"
    if state is State.FILLED:
        return StoppedOrder.FILLED, told
    if is_done(state):
        return StoppedOrder.FAILED, f"{told}; {ticket.state.lower()} {ticket.reason_code}".rstrip()
    if state is State.UNKNOWN:
        return StoppedOrder.UNKNOWN, "nobody knows what became of it; look in TWS"
    return (StoppedOrder.PENDING if state is State.WORKING else StoppedOrder.ASKED), told
