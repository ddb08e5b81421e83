"""Claim one close of a stop: the same protocol as any other order, under the stop's own authority.

No limit, phase or stop level holds it back. What it must show instead is that it reduces: the broker's own
count of the position, less whatever else may still trade on the closing side, is at least as large.
"""

from collections import Counter
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import transaction

from apps.broker.actions.claim_bracket import LINK, Claim, Held, placement_of, write_intents
from apps.broker.models import Intent, Lease, LinkSession, Order
from apps.broker.queries import AUCTION_TYPES, clock_skew_ms
from apps.desks.models import Account
from apps.journal.actions.write_entry import write_entry
from apps.risk.actions.judge import keep_verdicts
from apps.risk.actions.reserve import reserve
from apps.risk.models import Stopping
from apps.risk.queries import limits_in_force, stop_level
from apps.tickets.actions.end_ticket import end_tickets
from apps.tickets.models import Ticket
from tradingdesk.domain.money import Reason, Side
from tradingdesk.domain.risk import Outcome, Verdict, provably_reduces
from tradingdesk.domain.risk.stops import StopLevel
from tradingdesk.domain.tickets.states import MAY_STILL_FILL, RESERVES, Act, State
from tradingdesk.domain.tickets.submission import LIVE_INTENTS, ClaimFacts, claim_problem

_MAY_FILL = [state.value for state in MAY_STILL_FILL]
_OURS_MAY_FILL = [state.value for state in RESERVES]
_LIVE = [state.value for state in LIVE_INTENTS]


@transaction.atomic
def claim_close(
    bracket: str, *, session: LinkSession, epoch: int, now: datetime, instance: str, position: Decimal
) -> Claim | Held | None:
    """`position` is the broker's newest count of it, by whoever keeps the books."""
    ticket = _locked(bracket)
    if ticket is None:
        return None
    level, stop_epoch = stop_level(account_code=ticket.account.code, strategy=ticket.strategy.name)
    working = working_same_side(ticket)
    reduces = provably_reduces(
        Side(ticket.side), ticket.quantity, position=position, working_same_side=working
    )
    problem = claim_problem(_facts(ticket, epoch=epoch, now=now, level=StopLevel[level], reduces=reduces))
    if problem is not None:
        return _end(ticket, problem, now)
    _keep_verdict(ticket, position, working, now)
    attempts = Counter({ticket.pk: ticket.intents.count()})
    intents = write_intents([ticket], attempts, session=session, epoch=epoch, now=now, instance=instance)
    reserve(ticket.key, account_code=ticket.account.code, now=now, quantity=ticket.quantity, price=None)
    write_entry(
        "claim_close",
        subject=ticket,
        actor=LINK,
        account=ticket.account.code,
        after={"orders": [intents[0].order_id], "epoch": epoch, "position": position, "working": working},
        topics=("orders", "risk"),
    )
    return Claim(
        bracket=bracket,
        intents=(intents[0].pk,),
        placements=(placement_of(intents[0]),),
        stop_epoch=stop_epoch,
        contract_id=ticket.contract_id,
        reduces=True,
        by_stop=True,
    )


def working_same_side(ticket: Ticket) -> Decimal:
    """What may still trade on this side of the contract, whoever sent it, the ticket itself left out."""
    ours = Ticket.objects.filter(
        account=ticket.account, contract=ticket.contract, side=ticket.side, state__in=_OURS_MAY_FILL
    ).exclude(pk=ticket.pk)
    others = Order.objects.filter(
        intent=None, account=ticket.account, con_id=ticket.contract.con_id, side=ticket.side
    ).filter(state__in=_MAY_FILL)
    rows = [*ours.values_list("quantity", "filled"), *others.values_list("quantity", "filled")]
    return sum((quantity - filled for quantity, filled in rows), start=Decimal(0))


def _locked(bracket: str) -> Ticket | None:
    first = Ticket.objects.filter(bracket=bracket, state=State.RELEASED.value).first()
    if first is None:
        return None
    Account.objects.select_for_update().get(pk=first.account_id)
    rows = Ticket.objects.select_for_update(of=("self",)).select_related(
        "account", "strategy", "contract", "stopping"
    )
    return rows.get(pk=first.pk)


def _facts(ticket: Ticket, *, epoch: int, now: datetime, level: StopLevel, reduces: bool) -> ClaimFacts:
    lease = Lease.objects.select_for_update().get(gateway_id=ticket.account.gateway_id)
    return ClaimFacts(
        state=State(ticket.state),
        now=now,
        not_after=ticket.not_after,
        protocol_version=ticket.protocol_version,
        own_epoch=epoch,
        lease_epoch=lease.epoch,
        live_attempt=Intent.objects.filter(ticket=ticket, state__in=_LIVE).exists(),
        stop=level,
        reduces=reduces,
        by_stop=True,
        authority=_authority_problem(ticket),
        market=_too_late_for_auction(ticket, now),
    )


def _authority_problem(ticket: Ticket) -> Reason | None:
    stopping = ticket.stopping
    if stopping is not None and stopping.flatten and stopping.state != Stopping.ENDED:
        return None
    return Reason("APPROVAL_ABSENT", f"{stopping or 'nobody'} does not flatten, or has ended")


def _too_late_for_auction(ticket: Ticket, now: datetime) -> Reason | None:
    """An unsure clock counts against us: a second too late the exchange refuses, or fills tomorrow."""
    unsure = timedelta(milliseconds=abs(clock_skew_ms(ticket.account.gateway_id)))
    if ticket.order_type in AUCTION_TYPES and now + unsure >= ticket.not_after:
        told = f"the last moment was {ticket.not_after:%H:%M:%S} UTC, and the clock may be {unsure} wrong"
        return Reason("CUT_OFF_PASSED", told)
    return None


def _end(ticket: Ticket, problem: Reason, now: datetime) -> Held:
    """It was never sent; the stop counts again and writes another one if there is something left to close."""
    if problem.code not in ("LEASE_LOST", "TICKET_NOT_RELEASED", "ATTEMPT_LIVE", "PROTOCOL_FOREIGN"):
        act = Act.EXPIRE if problem.code == "TICKET_EXPIRED" else Act.WITHDRAW
        end_tickets([ticket], act, problem, actor=LINK, now=now)
    return Held(ticket.bracket, problem)


def _keep_verdict(ticket: Ticket, position: Decimal, working: Decimal, now: datetime) -> None:
    finding = Verdict(
        check="provably_reduces",
        title="Provably reduces",
        measured=f"{ticket.side} {ticket.quantity:f} of {position:f}, {working:f} working",
        limit="never through zero",
        outcome=Outcome.PASS,
    )
    keep_verdicts(
        [(ticket.key, (finding,))],
        kind="ticket",
        subject_id=ticket.pk,
        stage="claim",
        limit_set=limits_in_force(),
        now=now,
    )
