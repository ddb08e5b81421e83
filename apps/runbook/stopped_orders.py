"""The rows of a stop: one for each order, and what became of it by the broker's word."""

from datetime import datetime

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


def settle_rows(stopping: Stopping, now: datetime) -> int:
    """Let each open row follow from its order. Returns how many are still open."""
    rows = list(stopping.orders.exclude(result__in=StoppedOrder.FINAL))
    changed = [row for row in rows if _settle(row, now)]
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


def _settle(row: StoppedOrder, now: datetime) -> bool:
    told = _of_foreign(row) if row.reference.startswith(FOREIGN) else _of_ticket(row)
    if told == (row.result, row.reason):
        return False
    row.result, row.reason = told
    row.changed_at = now
    return True


def _of_ticket(row: StoppedOrder) -> tuple[str, str]:
    ticket = Ticket.objects.get(key=row.ticket_key)
    state = State(ticket.state)
    ask = Ask.objects.filter(intent__ticket=ticket).order_by("-pk").first()
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
    return _of_ask(ask)


def _of_ask(ask: Ask | None) -> tuple[str, str]:
    if ask is None or (ask.sent_at is None and not ask.outcome):
        return StoppedOrder.ASKED, "the cancel waits for the link"
    if ask.outcome in TOLD:
        result, words = TOLD[ask.outcome]
        return result, ask.reason or words
    return StoppedOrder.PENDING, "the cancel is sent; the broker has not confirmed it"


def _of_foreign(row: StoppedOrder) -> tuple[str, str]:
    order = Order.objects.get(perm_id=int(row.reference.removeprefix(FOREIGN)), intent=None)
    state = State(order.state)
    if is_done(state):
        return TOLD["filled"] if state is State.FILLED else TOLD["confirmed"]
    return _of_ask(Ask.objects.filter(order=order).order_by("-pk").first())


def _of_close(ticket: Ticket, state: State) -> tuple[str, str]:
    told = f"{ticket.filled.normalize():f} of {ticket.quantity.normalize():f} closed"
    if state is State.FILLED:
        return StoppedOrder.FILLED, told
    if is_done(state):
        return StoppedOrder.FAILED, f"{told}; {ticket.state.lower()} {ticket.reason_code}".rstrip()
    if state is State.UNKNOWN:
        return StoppedOrder.UNKNOWN, "nobody knows what became of it; look in TWS"
    return (StoppedOrder.PENDING if state is State.WORKING else StoppedOrder.ASKED), told
