"""Let one intent, its orders and its ticket follow from the evidence under its reference."""

from decimal import Decimal

from apps.broker.actions.ask_orders import ask_each_order
from apps.broker.folding import begin_attempt
from apps.broker.models import Evidence, Intent, Order
from apps.desks.models import Account
from apps.journal import clock
from apps.journal.actions.write_entry import write_entry
from apps.journal.ports import Actor
from apps.journal.statements import Part, rows_of
from apps.market.models import Contract
from apps.risk.actions.settle_reservation import hold_again, settle_reservation
from apps.tickets.models import Ticket
from tradingdesk.domain.tickets.attempts import Attempt
from tradingdesk.domain.tickets.folds import OrderState
from tradingdesk.domain.tickets.states import State, may_still_fill, reserves
from tradingdesk.domain.tickets.submission import IntentState
from tradingdesk.domain.tickets.submission import settle_intent as settled

LINK = Actor("link", "link")
TOPICS = ("orders",)


_I, _T, _A, _C = Part(Intent, "i"), Part(Ticket, "t"), Part(Account, "a"), Part(Contract, "c")
_E, _O = Part(Evidence, "e"), Part(Order, "o")
WITH_TICKET = """
    FROM broker_intent i JOIN tickets_ticket t ON t.id = i.ticket_id
    JOIN desks_account a ON a.id = t.account_id JOIN market_contract c ON c.id = t.contract_id
    WHERE i.id = %s FOR NO KEY UPDATE OF i, t
"""


def settle_intent(intent_id: int) -> None:
    """Fold again from the first word to the last. Runs inside the transaction that stored the newest one."""
    intent = _locked(intent_id)
    rows = _E.rows("FROM broker_evidence e WHERE e.intent_id = %s ORDER BY e.id", [intent_id])
    attempt = begin_attempt(intent.ticket.quantity, rows)
    _settle_orders(intent, attempt, rows)
    _settle_state(intent, attempt, rows[-1] if rows else None)
    _settle_ticket(intent, attempt, rows[-1] if rows else None)
    if len(attempt.orders) > 1 and any(may_still_fill(order.state) for order in attempt.orders.values()):
        _take_back_doubles(intent)


def _locked(intent_id: int) -> Intent:
    """The intent and its ticket, locked; account and contract come with them."""
    columns = ", ".join(part.columns for part in (_I, _T, _A, _C))
    (row,) = rows_of(f"SELECT {columns} {WITH_TICKET}", [intent_id])
    values = iter(row)
    intent, ticket = _I.read(values), _T.read(values)
    ticket.account, ticket.contract, intent.ticket = _A.read(values), _C.read(values), ticket
    return intent


def _settle_state(intent: Intent, attempt: Attempt, last: Evidence | None) -> None:
    now = last.received_at if last else clock.now()
    before = IntentState(intent.state)
    after = settled(before, attempt)
    if after is before:
        return
    intent.state = after.value
    if after is IntentState.ACKED:
        intent.acked_at = intent.acked_at or now
        intent.unknown_since = None
    if after is IntentState.UNKNOWN:
        intent.unknown_since = intent.unknown_since or now
    if after in (IntentState.CLOSED, IntentState.REFUSED):
        intent.acked_at = intent.acked_at or now
        intent.closed_at = now
    if last and last.kind == "error":
        intent.reason_code = f"BROKER_{last.code}"
        intent.reason = last.fields["body"].get("text", "")
    intent.save()
    _tell(
        f"intent_{after.value.lower()}", intent, before={"state": before.value}, after={"state": after.value}
    )


def _settle_ticket(intent: Intent, attempt: Attempt, last: Evidence | None) -> None:
    ticket = intent.ticket
    if intent.attempt < _newest(ticket):
        _note_old_attempt(intent, attempt)
        return
    before = {"state": ticket.state, "filled": ticket.filled}
    state = attempt.state
    filled = min(attempt.filled, ticket.quantity)
    if ticket.state == state.value and ticket.filled == filled:
        return
    ticket.state = state.value
    ticket.filled = max(ticket.filled, filled)
    ticket.average_price = _average(attempt)
    ticket.changed_at = last.received_at if last else clock.now()
    if last and last.kind == "error":
        ticket.reason_code = f"BROKER_{last.code}"
    ticket.save(update_fields=["state", "filled", "average_price", "changed_at", "reason_code"])
    if not reserves(state):
        settle_reservation(
            ticket.key, used=ticket.filled / ticket.quantity, by=f"evidence {last.pk if last else 0}"
        )
    elif not reserves(State(str(before["state"]))):
        hold_again(ticket.key)
    write_entry(
        "ticket_changed",
        subject=ticket,
        actor=LINK,
        account=ticket.account.code,
        reason_code=ticket.reason_code,
        before=before,
        after={"state": ticket.state, "filled": ticket.filled},
        topics=TOPICS,
    )


def _note_old_attempt(intent: Intent, attempt: Attempt) -> None:
    """The ticket has gone on and an attempt that was thought over speaks: it must not live beside the new."""
    if may_still_fill(attempt.state) and attempt.heard_of:
        ask_each_order(intent)
    if attempt.heard_of:
        _raise_alarm(
            intent, "ORDER_OLD_ATTEMPT", f"{intent.order_ref} was thought over and is {attempt.state}"
        )


def _take_back_doubles(intent: Intent) -> None:
    """One reference, two orders: none is what was approved. Both are cancelled, and a person is told."""
    if ask_each_order(intent):
        _raise_alarm(
            intent, "ORDER_SECOND_PERM_ID", f"{intent.order_ref} is more than one order at the broker"
        )


def _raise_alarm(intent: Intent, code: str, text: str) -> None:
    write_entry(
        "raise_alarm",
        subject=intent,
        actor=LINK,
        account=intent.ticket.account.code,
        reason_code=code,
        reason=text,
        topics=("orders", "alerts"),
    )


def _newest(ticket: Ticket) -> int:
    ((newest,),) = rows_of("SELECT max(attempt) FROM broker_intent WHERE ticket_id = %s", [ticket.pk])
    return int(newest)


def _average(attempt: Attempt) -> Decimal | None:
    averages = [(o.average_price, o.executed) for o in attempt.orders.values() if o.average_price is not None]
    total = sum((shares for _, shares in averages), Decimal(0))
    if not total:
        return None
    return sum((price * shares for price, shares in averages), Decimal(0)) / total


def _settle_orders(intent: Intent, attempt: Attempt, rows: list[Evidence]) -> None:
    for perm_id, order in attempt.orders.items():
        _settle_order(intent, perm_id, order, [row for row in rows if row.perm_id in (None, perm_id)])


def _settle_order(intent: Intent, perm_id: int, folded: OrderState, rows: list[Evidence]) -> None:
    ticket = intent.ticket
    known = _O.rows("FROM broker_order o WHERE o.intent_id = %s", [intent.pk])
    known_as = {row.perm_id: row for row in known}
    row = known_as.get(perm_id or None) or known_as.get(None)
    if row is None:
        row = Order(
            intent=intent,
            gateway_id=intent.gateway_id,
            account=ticket.account,
            order_id=intent.order_id,
            client_id=intent.client_id,
            order_ref=intent.order_ref,
            con_id=ticket.contract.con_id,
            symbol=ticket.contract.symbol,
            contract=ticket.contract,
            side=ticket.side,
            order_type=ticket.order_type,
            limit_price=ticket.limit_price,
            stop_price=ticket.stop_price,
            tif=ticket.tif,
            parent_order_id=intent.parent_order_id,
            first_seen_at=rows[-1].received_at if rows else intent.claimed_at,
        )
    flags = set(row.flags)
    put_fold(row, perm_id, folded, rows)
    row.save()
    for flag in sorted(set(row.flags) - flags):
        _raise_alarm(intent, f"ORDER_{flag}", f"{intent.order_ref}, order {perm_id} at the broker")


def put_fold(row: Order, perm_id: int, folded: OrderState, rows: list[Evidence]) -> None:
    """Write what is believed of one order into its row."""
    row.perm_id = perm_id or None
    row.quantity = folded.quantity
    row.state = folded.state.value
    row.broker_status = folded.broker_status or row.broker_status
    row.filled = folded.filled
    row.remaining = folded.remaining
    row.average_price = folded.average_price
    row.why_held = folded.why_held
    row.flags = sorted(alarm.value for alarm in folded.alarms)
    if rows:
        row.last_evidence = rows[-1]
        row.changed_at = rows[-1].received_at
        errors = [one for one in rows if one.kind == "error"]
        if errors:
            row.last_code, row.last_text = errors[-1].code, errors[-1].fields["body"].get("text", "")
    else:
        row.changed_at = clock.now()


def _tell(verb: str, intent: Intent, *, before: dict[str, str], after: dict[str, str]) -> None:
    write_entry(
        verb,
        subject=intent,
        actor=LINK,
        account=intent.ticket.account.code,
        reason_code=intent.reason_code,
        reason=intent.reason,
        before=before,
        after=after,
        topics=TOPICS,
    )
