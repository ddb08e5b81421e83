"""Claim the next bracket: the decision to send, made and committed before anything is sent."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from apps.approvals.queries import as_value
from apps.broker.actions.take_order_ids import take_order_ids
from apps.broker.models import Intent, Lease, LinkSession
from apps.broker.ports import Placement
from apps.desks.models import Account
from apps.journal.actions.write_entry import write_entry
from apps.journal.ports import Actor
from apps.risk.actions.reserve import reserve
from apps.risk.queries import stop_level
from apps.tickets.actions.end_ticket import end_tickets
from apps.tickets.models import Ticket
from apps.tickets.queries import content_of_tickets
from tradingdesk.domain.approvals import Present, Situation, approval_digest, authority_problem
from tradingdesk.domain.money import Reason
from tradingdesk.domain.risk import Outcome
from tradingdesk.domain.risk.stops import StopLevel
from tradingdesk.domain.tickets.references import OrderRef
from tradingdesk.domain.tickets.states import Act, State, perform
from tradingdesk.domain.tickets.submission import LIVE_INTENTS, ClaimFacts, IntentState, claim_problem

# reasons that pass: the tickets stay released and are looked at again until they expire
WAITS = frozenset(
    {"LINK_NOT_READY", "STOP_HALTED", "STOP_REDUCE_ONLY", "RESTART_NEAR", "ORDER_RATE_EXCEEDED"}
)
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
    market: Judge,
) -> Claim | Held | None:
    """Under the account's lock: check everything again, reserve room, take ids, write the intents."""
    tickets = _locked(bracket)
    if not tickets:
        return None
    entry = tickets[0]
    level, stop_epoch = stop_level(account_code=entry.account.code, strategy=entry.strategy.name)
    facts = _facts(tickets, epoch=epoch, now=now, level=StopLevel[level])
    problem = claim_problem(facts) or _authority_problem(entry, now) or judge(tickets, now)
    problem = problem or market(tickets, now)
    if problem is not None:
        return _hold(tickets, problem, now)
    intents = _write_intents(tickets, session=session, epoch=epoch, now=now, instance=instance)
    for ticket in tickets:
        ticket.state, ticket.changed_at = perform(State(ticket.state), Act.CLAIM).value, now
        ticket.save(update_fields=["state", "changed_at"])
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
        placements=tuple(_placement(intent) for intent in intents),
        stop_epoch=stop_epoch,
        contract_id=entry.contract_id,
        reduces=False,
    )


def _locked(bracket: str) -> list[Ticket]:
    first = (
        Ticket.objects.filter(bracket=bracket, state=State.RELEASED.value).select_related("account").first()
    )
    if first is None:
        return []
    Account.objects.select_for_update().get(pk=first.account_id)
    rows = Ticket.objects.select_for_update(of=("self",)).filter(bracket=bracket)
    return list(
        rows.select_related("account", "strategy", "contract", "request").order_by("position_in_bracket")
    )


def _facts(tickets: list[Ticket], *, epoch: int, now: datetime, level: StopLevel) -> ClaimFacts:
    entry = tickets[0]
    live = [state.value for state in LIVE_INTENTS]
    states = {State(ticket.state) for ticket in tickets}
    # held until the commit: another link takes its epoch before this claim or after it, never in between
    lease = Lease.objects.select_for_update().get(gateway_id=entry.account.gateway_id)
    return ClaimFacts(
        state=states.pop() if len(states) == 1 else State.UNKNOWN,
        now=now,
        not_after=entry.not_after,
        protocol_version=entry.protocol_version,
        own_epoch=epoch,
        lease_epoch=lease.epoch,
        live_attempt=Intent.objects.filter(ticket__in=tickets, state__in=live).exists(),
        stop=level,
        reduces=False,
    )


def _authority_problem(entry: Ticket, now: datetime) -> Reason | None:
    """The approval must still cover exactly what these tickets would send."""
    request = entry.request
    situation = Situation(
        now=now,
        digest=approval_digest(content_of_tickets(request)),
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


def _write_intents(
    tickets: list[Ticket], *, session: LinkSession, epoch: int, now: datetime, instance: str
) -> list[Intent]:
    gateway = session.gateway
    first = take_order_ids(gateway, len(tickets))
    order_ids = {ticket.pk: first + place for place, ticket in enumerate(tickets)}
    intents = []
    for ticket in tickets:
        attempt = ticket.intents.count() + 1
        intents.append(
            Intent.objects.create(
                ticket=ticket,
                attempt=attempt,
                order_ref=str(OrderRef(instance, ticket.key, attempt)),
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
        )
    return intents


def _placement(intent: Intent) -> Placement:
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
