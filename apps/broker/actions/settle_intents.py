"""Let intents, their orders and their tickets follow from the evidence under their references."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import TypeVar

from apps.broker.actions.ask_orders import ask_each_order
from apps.broker.folding import begin_attempt
from apps.broker.models import Evidence, Intent, Order
from apps.desks.models import Account
from apps.journal import clock
from apps.journal.actions.write_entry import write_entry
from apps.journal.ports import Actor
from apps.journal.statements import Part, insert_rows, rows_of, update_rows
from apps.market.models import Contract
from apps.risk.actions.settle_reservation import hold_again, settle_reservation
from apps.tickets.models import Ticket
from tradingdesk.domain.tickets.attempts import Attempt
from tradingdesk.domain.tickets.folds import OrderState
from tradingdesk.domain.tickets.states import State, may_still_fill, reserves
from tradingdesk.domain.tickets.submission import LIVE_INTENTS, IntentState
from tradingdesk.domain.tickets.submission import settle_intent as settled

LINK = Actor("link", "link")
TOPICS = ("orders",)
OVER = frozenset(IntentState) - LIVE_INTENTS
Told = TypeVar("Told", Evidence, Order)
# what follows from the evidence: of an order, of its intent, of its ticket
FOLDED = (
    "perm_id", "quantity", "state", "broker_status", "filled", "remaining", "average_price", "why_held",
    "flags", "last_evidence", "last_code", "last_text", "changed_at",
)  # fmt: skip
SETTLED = ("state", "acked_at", "unknown_since", "closed_at", "reason_code", "reason")
FOLLOWED = ("state", "filled", "average_price", "changed_at", "reason_code")


_I, _T, _A, _C = Part(Intent, "i"), Part(Ticket, "t"), Part(Account, "a"), Part(Contract, "c")
_E, _O = Part(Evidence, "e"), Part(Order, "o")
# in the order in which a claim and a cancel lock them
WITH_TICKET = """
    FROM broker_intent i JOIN tickets_ticket t ON t.id = i.ticket_id
    JOIN desks_account a ON a.id = t.account_id JOIN market_contract c ON c.id = t.contract_id
    WHERE i.id = ANY(%s::bigint[]) ORDER BY i.id FOR NO KEY UPDATE OF i, t
"""
NEWEST = "SELECT ticket_id, max(attempt) FROM broker_intent WHERE ticket_id = ANY(%s::bigint[]) GROUP BY 1"


@dataclass(slots=True)
class Case:
    """One intent with all that was ever said of it."""

    intent: Intent
    rows: list[Evidence]
    orders: list[Order]
    attempt: Attempt
    newest: int  # the ticket's last attempt
    heard: list[Order] = field(default_factory=list)  # what is to be kept of its orders

    @property
    def doubled(self) -> bool:
        """One reference, two orders, and one of them may still fill."""
        orders = self.attempt.orders.values()
        return len(orders) > 1 and any(may_still_fill(order.state) for order in orders)

    @property
    def last(self) -> Evidence | None:
        return self.rows[-1] if self.rows else None


def settle_intents(intent_ids: Sequence[int]) -> None:
    """Fold each again from the first word to the last, inside the transaction that stored the newest one.

    What follows is written together: a fill moves three orders of a bracket at once.
    """
    cases = _cases(intent_ids)
    for case in cases:
        _settle_orders(case)
    heard = [order for case in cases for order in case.heard]
    insert_rows([order for order in heard if order.pk is None])
    update_rows([order for order in heard if order.pk is not None], *FOLDED)
    update_rows([case.intent for case in cases if _settle_state(case)], *SETTLED)
    update_rows([case.intent.ticket for case in cases if _settle_ticket(case)], *FOLLOWED)
    for case in cases:
        if case.doubled:
            _take_back_doubles(case.intent)


def _cases(intent_ids: Sequence[int]) -> list[Case]:
    """All that the folds look at, in four statements; the intents and their tickets are locked."""
    intents = _locked(intent_ids)
    rows = _E.rows("FROM broker_evidence e WHERE e.intent_id = ANY(%s::bigint[]) ORDER BY e.id", [intent_ids])
    orders = _O.rows("FROM broker_order o WHERE o.intent_id = ANY(%s::bigint[])", [intent_ids])
    newest: dict[int, int] = dict(rows_of(NEWEST, [[intent.ticket_id for intent in intents.values()]]))
    said, known = _by_intent(rows), _by_intent(orders)
    return [
        Case(
            intent=intents[one],
            rows=said[one],
            orders=known[one],
            attempt=begin_attempt(intents[one].ticket.quantity, said[one]),
            newest=newest[intents[one].ticket_id],
        )
        for one in intent_ids
    ]


def _by_intent(rows: Sequence[Told]) -> dict[int, list[Told]]:
    found: dict[int, list[Told]] = defaultdict(list)
    for row in rows:
        found[row.intent_id or 0].append(row)
    return found


def _locked(intent_ids: Sequence[int]) -> dict[int, Intent]:
    """Each with its ticket; account and contract come with them. Two attempts of one ticket share it."""
    columns = ", ".join(part.columns for part in (_I, _T, _A, _C))
    tickets: dict[int, Ticket] = {}
    found: dict[int, Intent] = {}
    for row in rows_of(f"SELECT {columns} {WITH_TICKET}", [intent_ids]):
        values = iter(row)
        intent, ticket = _I.read(values), _T.read(values)
        ticket.account, ticket.contract = _A.read(values), _C.read(values)
        intent.ticket = tickets.setdefault(ticket.pk, ticket)
        found[intent.pk] = intent
    return found


def _settle_state(case: Case) -> bool:
    """True when something of it is otherwise now."""
    intent, last = case.intent, case.last
    now = last.received_at if last else clock.now()
    before = IntentState(intent.state)
    after = settled(before, case.attempt)
    if before in OVER and after in LIVE_INTENTS and intent.attempt < case.newest:
        after = before  # the ticket has gone on: of one that was thought over `_note_old_attempt` takes care
    known = intent.unknown_since
    intent.unknown_since = _in_doubt_since(case, before, after, now)
    if after is before:
        return intent.unknown_since != known
    intent.state = after.value
    if after is IntentState.ACKED:
        intent.acked_at, intent.closed_at = intent.acked_at or now, None
    if after in OVER:
        intent.acked_at = intent.acked_at or now
        intent.closed_at = now
    if last and last.kind == "error":
        intent.reason_code = f"BROKER_{last.code}"
        intent.reason = last.fields["body"].get("text", "")
    _tell(
        f"intent_{after.value.lower()}", intent, before={"state": before.value}, after={"state": after.value}
    )
    return True


def _in_doubt_since(case: Case, before: IntentState, after: IntentState, now: datetime) -> datetime | None:
    """Since when nobody knows what became of it. Where it is over this stays, to be read."""
    known = case.intent.unknown_since
    if case.attempt.state is State.UNKNOWN:
        return now if known is None or before in OVER else known
    return known if after in OVER else None


def _settle_ticket(case: Case) -> bool:
    """True when it is another one now."""
    intent, attempt, last = case.intent, case.attempt, case.last
    ticket = intent.ticket
    if intent.attempt < case.newest:
        _note_old_attempt(intent, attempt)
        return False
    before = {"state": ticket.state, "filled": ticket.filled}
    state = attempt.state
    filled = min(attempt.filled, ticket.quantity)
    if ticket.state == state.value and ticket.filled == filled:
        return False
    ticket.state = state.value
    ticket.filled = max(ticket.filled, filled)
    ticket.average_price = _average(attempt)
    ticket.changed_at = last.received_at if last else clock.now()
    if last and last.kind == "error":
        ticket.reason_code = f"BROKER_{last.code}"
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
    return True


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


def _average(attempt: Attempt) -> Decimal | None:
    averages = [(o.average_price, o.executed) for o in attempt.orders.values() if o.average_price is not None]
    total = sum((shares for _, shares in averages), Decimal(0))
    if not total:
        return None
    return sum((price * shares for price, shares in averages), Decimal(0)) / total


def _settle_orders(case: Case) -> None:
    for perm_id, order in case.attempt.orders.items():
        rows = [row for row in case.rows if row.perm_id in (None, perm_id)]
        case.heard.append(_settled_order(case, perm_id, order, rows))


def _settled_order(case: Case, perm_id: int, folded: OrderState, rows: list[Evidence]) -> Order:
    known_as = {row.perm_id: row for row in case.orders}
    row = known_as.get(perm_id or None) or known_as.get(None)
    if row is None:
        row = _new_order(case.intent, rows)
        case.orders.append(row)
    flags = set(row.flags)
    put_fold(row, perm_id, folded, rows)
    for flag in sorted(set(row.flags) - flags):
        text = f"{case.intent.order_ref}, order {perm_id} at the broker"
        _raise_alarm(case.intent, f"ORDER_{flag}", text)
    return row


def _new_order(intent: Intent, rows: list[Evidence]) -> Order:
    ticket = intent.ticket
    return Order(
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
