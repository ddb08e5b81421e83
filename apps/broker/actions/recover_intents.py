"""What earlier lives of the link left behind. Start-up and recovery are this same path."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from apps.broker.actions.ask_cancel import BY_HAND
from apps.broker.actions.ask_orders import ask_by_link
from apps.broker.actions.own_evidence import add_own_evidence
from apps.broker.models import Ask, Intent, LinkSession
from apps.journal.actions.write_entry import write_entry
from apps.journal.ports import Actor
from apps.risk.actions.settle_reservation import settle_reservation
from apps.tickets.actions.end_ticket import end_tickets
from apps.tickets.models import Ticket
from tradingdesk.domain.money import Reason
from tradingdesk.domain.tickets.states import Act, State, perform
from tradingdesk.domain.tickets.submission import IntentAct, IntentState, perform_on_intent

LINK = Actor("link", "link")
_OPEN = (IntentState.SENDING.value, IntentState.ACKED.value, IntentState.UNKNOWN.value)
BROKEN = Reason("BRACKET_BROKEN", "the link died inside the bracket; what was not transmitted is cancelled")

LAPSED = Reason("CLAIM_LAPSED", "claimed and certainly not sent; it may be claimed again")


@dataclass(frozen=True, slots=True)
class Recovered:
    lapsed: int  # brackets that were claimed and certainly not sent: they may be claimed again
    unknown: int  # placements that may have been sent
    cancels: int  # orders that were written but never transmitted, and are taken back


@transaction.atomic
def recover_intents(session: LinkSession, now: datetime) -> Recovered:
    """Settle every intent of an earlier session that is still claimed or being sent, before anything else."""
    left = _held(
        gateway_id=session.gateway_id, state__in=[IntentState.CLAIMED.value, IntentState.SENDING.value]
    )
    brackets: dict[str, list[Intent]] = defaultdict(list)
    for intent in left.exclude(session=session).select_related("ticket__account").order_by("order_id"):
        brackets[intent.ticket.bracket].append(intent)
    lapsed, unknown, cancels = 0, 0, 0
    for intents in brackets.values():
        sending = [one for one in intents if one.state == IntentState.SENDING.value]
        claimed = [one for one in intents if one.state == IntentState.CLAIMED.value]
        for intent in sending:
            add_own_evidence(intent, "silence", at=now, session_id=session.pk, found="at start")
        unknown += len(sending)
        if sending and claimed:
            cancels += len(sending)
        if claimed:
            lapsed += _take_back(claimed, now)
    return Recovered(lapsed, unknown, cancels)


@transaction.atomic
def give_up_unfound(session: LinkSession, refs: Sequence[str]) -> int:
    """A whole bracket was marked, the link died, and a complete snapshot shows none of it.

    Then the order that transmits never arrived, and what was written before it waits untransmitted. That part
    is taken back.
    """
    silent = Intent.objects.filter(
        gateway_id=session.gateway_id, state=IntentState.UNKNOWN.value, session__lt=session.pk
    ).select_related("ticket__account")
    brackets: dict[str, list[Intent]] = defaultdict(list)
    for intent in silent:
        brackets[intent.ticket.bracket].append(intent)
    asked = 0
    for intents in brackets.values():
        found = any(intent.order_ref in refs for intent in intents)
        held = [intent for intent in intents if not intent.transmit]
        if found or not any(intent.transmit for intent in intents):
            continue
        fresh = [one for one in reversed(held) if not Ask.objects.filter(intent=one).exists()]
        ask_by_link(fresh)
        asked += len(fresh)
    return asked


@transaction.atomic
def lapse_claim(intent_ids: Sequence[int], now: datetime) -> None:
    """Take back claims of this very session that were certainly not written, and what waits for them."""
    rows = _held(pk__in=intent_ids)
    intents = list(rows.select_related("ticket__account").order_by("-order_id"))
    claimed = [intent for intent in intents if intent.state == IntentState.CLAIMED.value]
    if claimed:
        _take_back(claimed, now)
    else:  # all were marked and the one that transmits was not written: the others wait at the gateway
        ask_by_link([intent for intent in intents if intent.state in _OPEN and not intent.transmit])


@transaction.atomic
def take_back_claims(session: LinkSession, now: datetime) -> int:
    """The database was lost while this session decided: whatever it claimed and did not mark was not sent."""
    rows = _held(session=session, state=IntentState.CLAIMED.value)
    brackets: dict[str, list[Intent]] = defaultdict(list)
    for intent in rows.select_related("ticket__account"):
        brackets[intent.ticket.bracket].append(intent)
    return sum(_take_back(claimed, now) for claimed in brackets.values())


def _held(**which: Any) -> QuerySet[Intent]:
    """These intents, to be locked when they are read; their tickets are by now.

    Whoever asks for a cancel holds the tickets, and so do we: it is asked before we look, or it finds what we
    made of them. Else a cancel could be asked of a claim that is just being taken back.
    """
    tickets = Ticket.objects.select_for_update(of=("self",)).filter(
        pk__in=Intent.objects.filter(**which).values("ticket_id")
    )
    list(tickets.order_by("pk").values_list("pk"))
    return Intent.objects.select_for_update(of=("self",)).filter(**which)


def _take_back(claimed: Sequence[Intent], now: datetime) -> int:
    """1 when the bracket may be claimed again. Half a bracket is given up, a recalled one too."""
    one = claimed[0]
    siblings = Intent.objects.filter(ticket__bracket=one.ticket.bracket, attempt=one.attempt)
    marked = list(siblings.exclude(sending_at=None).select_related("ticket__account").order_by("-order_id"))
    asked = Ask.objects.filter(intent__ticket__bracket=one.ticket.bracket, verb="cancel", answered_at=None)
    recalled = asked.exists()
    if not marked and not recalled:
        _lapse(claimed, now)
        return 1
    if not marked:
        _break(claimed, BY_HAND, now)
        return 0
    ask_by_link([intent for intent in marked if intent.state in _OPEN])
    _break(claimed, BROKEN, now)
    return 0


def _lapse(claimed: Sequence[Intent], now: datetime) -> None:
    """The tickets may be claimed again, by a new claim with everything checked again."""
    for intent in claimed:
        _close(intent, now)
        ticket = intent.ticket
        ticket.state, ticket.changed_at = perform(State(ticket.state), Act.LAPSE).value, now
        ticket.save(update_fields=["state", "changed_at"])
        settle_reservation(ticket.key, used=ticket.filled, by="claim lapsed")
    _tell("lapse_claim", claimed, LAPSED)


def _break(claimed: Sequence[Intent], why: Reason, now: datetime) -> None:
    """The rest of a half-sent bracket is given up; nobody can know how far the first half came."""
    for intent in claimed:
        _close(intent, now)
    tickets = list(
        Ticket.objects.select_for_update(of=("self",)).filter(intents__in=claimed).select_related("account")
    )
    end_tickets(tickets, Act.WITHDRAW, why, actor=LINK, now=now)
    for ticket in tickets:
        settle_reservation(ticket.key, used=ticket.filled, by=why.code)
    _tell("break_bracket", claimed, why)


def _close(intent: Intent, now: datetime) -> None:
    intent.state = perform_on_intent(IntentState(intent.state), IntentAct.LAPSE).value
    intent.closed_at, intent.reason_code = now, "CLAIM_LAPSED"
    intent.save(update_fields=["state", "closed_at", "reason_code"])


def _tell(verb: str, claimed: Sequence[Intent], why: Reason) -> None:
    write_entry(
        verb,
        subject=claimed[0],
        actor=LINK,
        account=claimed[0].ticket.account.code,
        reason_code=why.code,
        reason=why.text,
        after={"orders": [intent.order_ref for intent in claimed]},
        topics=("orders", "review"),
    )
