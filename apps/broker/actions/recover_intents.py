"""What earlier lives of the link left behind. Start-up and recovery are this same path."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from apps.broker.actions.own_evidence import add_own_evidence
from apps.broker.models import Intent, LinkSession
from apps.journal.actions.write_entry import write_entry
from apps.journal.ports import Actor
from apps.risk.actions.settle_reservation import settle_reservation
from apps.tickets.actions.end_ticket import end_tickets
from apps.tickets.models import Ticket
from tradingdesk.domain.money import Reason
from tradingdesk.domain.tickets.states import Act, State, perform
from tradingdesk.domain.tickets.submission import IntentAct, IntentState, perform_on_intent

LINK = Actor("link", "link")
BROKEN = Reason("BRACKET_BROKEN", "the link died inside the bracket; what was not transmitted is cancelled")


@dataclass(frozen=True, slots=True)
class Recovered:
    lapsed: int  # brackets that were claimed and certainly not sent: they may be claimed again
    unknown: int  # placements that may have been sent
    to_cancel: tuple[int, ...]  # order ids that were written but never transmitted


@transaction.atomic
def recover_intents(session: LinkSession, now: datetime) -> Recovered:
    """Settle every intent of an earlier session that is still claimed or being sent, before anything else."""
    left = Intent.objects.select_for_update(of=("self",)).filter(
        gateway_id=session.gateway_id, state__in=[IntentState.CLAIMED.value, IntentState.SENDING.value]
    )
    brackets: dict[str, list[Intent]] = defaultdict(list)
    for intent in left.exclude(session=session).select_related("ticket__account").order_by("order_id"):
        brackets[intent.ticket.bracket].append(intent)
    lapsed, unknown, cancels = 0, 0, []
    for intents in brackets.values():
        sending = [one for one in intents if one.state == IntentState.SENDING.value]
        claimed = [one for one in intents if one.state == IntentState.CLAIMED.value]
        for intent in sending:
            add_own_evidence(intent, "silence", at=now, session_id=session.pk, found="at start")
        unknown += len(sending)
        if sending and claimed:
            cancels += [one.order_id for one in reversed(sending)]
            _break(claimed, now)
        elif claimed and not _half_sent(claimed):
            _lapse(claimed, now)
            lapsed += 1
        elif claimed:
            _break(claimed, now)
    return Recovered(lapsed, unknown, tuple(cancels))


def lapse_claim(intent_ids: Sequence[int], now: datetime) -> None:
    """Take back claims of this very session that were certainly not written."""
    with transaction.atomic():
        rows = Intent.objects.select_for_update(of=("self",)).filter(
            pk__in=intent_ids, state=IntentState.CLAIMED.value
        )
        claimed = list(rows.select_related("ticket__account"))
        if not claimed:
            return
        if _half_sent(claimed):
            _break(claimed, now)
        else:
            _lapse(claimed, now)


def _half_sent(claimed: Sequence[Intent]) -> bool:
    """Did another order of the same bracket leave in the same attempt?"""
    one = claimed[0]
    siblings = Intent.objects.filter(ticket__bracket=one.ticket.bracket, attempt=one.attempt)
    return siblings.exclude(state__in=[IntentState.CLAIMED.value, IntentState.CLOSED.value]).exists()


def _lapse(claimed: Sequence[Intent], now: datetime) -> None:
    """The tickets may be claimed again, by a new claim with everything checked again."""
    for intent in claimed:
        _close(intent, now)
        ticket = intent.ticket
        ticket.state, ticket.changed_at = perform(State(ticket.state), Act.LAPSE).value, now
        ticket.save(update_fields=["state", "changed_at"])
        settle_reservation(ticket.key, used=ticket.filled, by="claim lapsed")
    _tell("lapse_claim", claimed)


def _break(claimed: Sequence[Intent], now: datetime) -> None:
    """The rest of a half-sent bracket is given up; nobody can know how far the first half came."""
    for intent in claimed:
        _close(intent, now)
    tickets = list(
        Ticket.objects.select_for_update(of=("self",)).filter(intents__in=claimed).select_related("account")
    )
    end_tickets(tickets, Act.WITHDRAW, BROKEN, actor=LINK, now=now)
    _tell("break_bracket", claimed)


def _close(intent: Intent, now: datetime) -> None:
    intent.state = perform_on_intent(IntentState(intent.state), IntentAct.LAPSE).value
    intent.closed_at, intent.reason_code = now, "CLAIM_LAPSED"
    intent.save(update_fields=["state", "closed_at", "reason_code"])


def _tell(verb: str, claimed: Sequence[Intent]) -> None:
    write_entry(
        verb,
        subject=claimed[0],
        actor=LINK,
        account=claimed[0].ticket.account.code,
        reason_code="CLAIM_LAPSED" if verb == "lapse_claim" else BROKEN.code,
        after={"orders": [intent.order_ref for intent in claimed]},
        topics=("orders", "review"),
    )
