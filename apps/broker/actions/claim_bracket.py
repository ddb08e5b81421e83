"""Claim the next bracket: the decision to send, made and committed before anything is sent."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from apps.approvals.models import Request
from apps.approvals.queries import as_value
from apps.broker.actions.take_order_ids import take_order_ids
from apps.broker.models import Intent, LinkSession
from apps.broker.ports import Placement
from apps.journal.actions.write_entry import write_entry
from apps.journal.ports import Actor
from apps.journal.statements import Question, Reading, Row, put, rows_of
from apps.risk.actions.reserve import reserve
from apps.risk.queries import stop_level
from apps.tickets.actions.end_ticket import end_tickets
from apps.tickets.models import Ticket
from apps.tickets.queries import digest_of_tickets, locked_bracket
from tradingdesk.domain.approvals import Present, Situation, authority_problem
from tradingdesk.domain.money import Reason
from tradingdesk.domain.risk import Outcome
from tradingdesk.domain.risk.stops import StopLevel
from tradingdesk.domain.tickets.references import OrderRef
from tradingdesk.domain.tickets.states import Act, State, perform
from tradingdesk.domain.tickets.submission import LIVE_INTENTS, ClaimFacts, IntentState, claim_problem

# reasons that pass: the tickets stay released and are looked at again until they expire
WAITS = frozenset(
    {
        "LINK_NOT_READY", "STOP_HALTED", "STOP_REDUCE_ONLY", "RESTART_NEAR", "ORDER_RATE_EXCEEDED",
        "BREAK_BLOCKS_ACCOUNT", "BREAK_BLOCKS_INSTRUMENT",
    }
)  # fmt: skip
LINK = Actor("link", "link")

Judge = Callable[[Sequence[Ticket], datetime], Reason | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What the link is to write, in this order, and what it must find unchanged before each write."""

    bracket: str
    intents: tuple[int, ...]
    placements: tuple[Placement, ...]
    stop_epoch: int
    contract_id: int
    reduces: bool
    by_stop: bool = False  # a close that a stop sends; no market, phase or level holds it back


@dataclass(frozen=True, slots=True)
class Held:
    """Nothing was claimed; the bracket waits or has ended, and this is why."""

    bracket: str
    reason: Reason


@transaction.atomic
def claim_bracket(
    bracket: str,
    *,
    session: LinkSession,
    epoch: int,
    now: datetime,
    instance: str,
    judge: Judge,
) -> Claim | Held | None:
    """Under the account's lock: check everything again, reserve room, take ids, write the intents.

    `judge` is the limits and the market.
    """
    tickets = locked_bracket(bracket)
    if not tickets:
        return None
    entry, request = tickets[0], tickets[0].request
    assert request is not None, "a bracket comes with the request that it was written for"
    stop = stop_level.ask(account_code=entry.account.code, strategy=entry.strategy.name)
    lease, digest = _lease_and_attempts.ask(tickets), digest_of_tickets.ask(request)
    put(stop, lease, digest)
    (level, stop_epoch), (lease_epoch, attempts, live) = stop.answer(), lease.answer()
    facts = ClaimFacts(
        state=_common_state(tickets),
        now=now,
        not_after=entry.not_after,
        protocol_version=entry.protocol_version,
        own_epoch=epoch,
        lease_epoch=lease_epoch,
        live_attempt=live,
        stop=StopLevel[level],
        reduces=False,
    )
    problem = claim_problem(facts) or _authority_problem(request, digest.answer(), now) or judge(tickets, now)
    if problem is not None:
        return _hold(tickets, problem, now)
    intents = write_intents(tickets, attempts, session=session, epoch=epoch, now=now, instance=instance)
    reserve(
        entry.key,
        account_code=entry.account.code,
        now=now,
        quantity=entry.quantity,
        price=entry.limit_price,
        point_value=entry.contract.multiplier / entry.contract.price_magnifier,
    )
    write_entry(
        "claim_bracket",
        subject=entry,
        actor=LINK,
        account=entry.account.code,
        after={"bracket": bracket, "orders": [intent.order_id for intent in intents], "epoch": epoch},
        topics=("orders", "risk"),
    )
    return Claim(
        bracket=bracket,
        intents=tuple(intent.pk for intent in intents),
        placements=tuple(placement_of(intent) for intent in intents),
        stop_epoch=stop_epoch,
        contract_id=entry.contract_id,
        reduces=False,
    )


# The lease is held until the commit: another link takes its epoch before this claim or after it, never in
# between. The tickets are locked already, so nobody adds an attempt of theirs.
LEASE = """
    SELECT epoch, ARRAY(SELECT ticket_id FROM broker_intent WHERE ticket_id = ANY(%s::bigint[])),
        EXISTS (SELECT FROM broker_intent WHERE ticket_id = ANY(%s::bigint[]) AND state = ANY(%s::text[]))
    FROM broker_lease WHERE gateway_id = %s FOR NO KEY UPDATE
"""


@Reading
def _lease_and_attempts(tickets: list[Ticket]) -> Question[tuple[int, Counter[int], bool]]:
    """Who may speak to the gateway, how often each ticket was tried, and whether one of them still is."""

    def told(rows: list[Row]) -> tuple[int, Counter[int], bool]:
        ((epoch, tried, alive),) = rows
        return epoch, Counter(tried), alive

    keys, live = [ticket.pk for ticket in tickets], [state.value for state in LIVE_INTENTS]
    return Question(LEASE, [keys, keys, live, tickets[0].account.gateway_id], told)


def _common_state(tickets: list[Ticket]) -> State:
    states = {State(ticket.state) for ticket in tickets}
    return states.pop() if len(states) == 1 else State.UNKNOWN


def _authority_problem(request: Request, digest: str, now: datetime) -> Reason | None:
    """The approval must still cover exactly what these tickets would send."""
    situation = Situation(
        now=now,
        digest=digest,
        present=Present(limit_set=request.limit_set_id, link_session=None, mids={}),
        outcome=Outcome.PASS,
    )
    return authority_problem(as_value(request), situation)


def _hold(tickets: list[Ticket], problem: Reason, now: datetime) -> Held:
    """A passing reason is noted once and waits; any other ends the bracket before it was ever sent."""
    entry = tickets[0]
    if problem.code in WAITS or problem.code.startswith("QUOTE_"):
        if entry.reason_code != problem.code:
            Ticket.objects.filter(bracket=entry.bracket).update(reason_code=problem.code, changed_at=now)
            write_entry(
                "hold_bracket",
                subject=entry,
                actor=LINK,
                account=entry.account.code,
                reason_code=problem.code,
                reason=problem.text,
                topics=("orders",),
            )
    elif problem.code not in ("LEASE_LOST", "TICKET_NOT_RELEASED", "ATTEMPT_LIVE", "PROTOCOL_FOREIGN"):
        act = Act.EXPIRE if problem.code == "TICKET_EXPIRED" else Act.WITHDRAW
        end_tickets(tickets, act, problem, actor=LINK, now=now)
    return Held(entry.bracket, problem)


def write_intents(
    tickets: list[Ticket],
    attempts: Counter[int],
    *,
    session: LinkSession,
    epoch: int,
    now: datetime,
    instance: str,
) -> list[Intent]:
    """The decision itself, with its order ids, before anything is sent; the tickets are claimed with it."""
    gateway = session.gateway
    first = take_order_ids(gateway, len(tickets))
    order_ids = {ticket.pk: first + place for place, ticket in enumerate(tickets)}
    intents = [
        Intent(
            ticket=ticket,
            attempt=attempts[ticket.pk] + 1,
            order_ref=str(OrderRef(instance, ticket.key, attempts[ticket.pk] + 1)),
            gateway=gateway,
            client_id=gateway.client_id,
            order_id=order_ids[ticket.pk],
            parent_order_id=order_ids.get(ticket.parent_id or 0, 0),
            transmit=ticket is tickets[-1],
            epoch=epoch,
            session=session,
            state=IntentState.CLAIMED.value,
            claimed_at=now,
        )
        for ticket in tickets
    ]
    _write(intents, now)
    return intents


WRITE = """
    WITH claimed AS (
        UPDATE tickets_ticket SET state = %s, changed_at = %s WHERE id = ANY(%s::bigint[]) RETURNING id)
    INSERT INTO broker_intent (ticket_id, attempt, order_ref, order_id, parent_order_id, transmit,
        gateway_id, client_id, epoch, session_id, state, claimed_at, reason_code, reason, resolved_by)
    SELECT one.*, %s::bigint, %s::int, %s::bigint, %s::bigint, %s, %s::timestamptz, '', '', ''
    FROM unnest(%s::bigint[], %s::smallint[], %s::text[], %s::bigint[], %s::bigint[], %s::boolean[])
        AS one (ticket, attempt, order_ref, order_id, parent, transmit)
    JOIN claimed ON claimed.id = one.ticket ORDER BY order_id
    RETURNING order_id, id
"""


def _write(intents: list[Intent], now: datetime) -> None:
    """The tickets' new state and the intents in their order, in one statement; each learns its key."""
    for intent in intents:
        ticket = intent.ticket
        ticket.state, ticket.changed_at = perform(State(ticket.state), Act.CLAIM).value, now
    one = intents[0]
    names = ("ticket_id", "attempt", "order_ref", "order_id", "parent_order_id", "transmit")
    columns = [[getattr(intent, name) for intent in intents] for name in names]
    common = [one.gateway_id, one.client_id, one.epoch, one.session_id, one.state, now]
    keys: dict[int, int] = dict(rows_of(WRITE, [one.ticket.state, now, columns[0], *common, *columns]))
    for intent in intents:
        intent.pk = keys[intent.order_id]


def placement_of(intent: Intent) -> Placement:
    """What one intent puts on the wire."""
    ticket = intent.ticket
    contract = ticket.contract
    return Placement(
        order_id=intent.order_id,
        order_ref=intent.order_ref,
        account=ticket.account.code,
        con_id=contract.con_id,
        symbol=contract.symbol,
        sec_type=contract.sec_type,
        currency=contract.currency,
        exchange=contract.exchange,
        side=ticket.side,
        quantity=ticket.quantity,
        order_type=ticket.order_type,
        limit_price=ticket.limit_price,
        stop_price=ticket.stop_price,
        tif=ticket.tif,
        outside_rth=ticket.outside_rth,
        transmit=intent.transmit,
        parent_order_id=intent.parent_order_id,
        algo=ticket.algo.get("strategy", ""),
        algo_params=tuple((k, v) for k, v in ticket.algo.items() if k != "strategy"),
    )
