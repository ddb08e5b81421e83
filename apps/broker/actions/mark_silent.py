"""No answer in time: the order's fate is unknown from now on. It is never sent again by itself."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from apps.broker.actions.own_evidence import add_own_evidence
from apps.broker.models import Evidence, Intent
from apps.broker.queries import AUCTION_TYPES
from apps.journal.actions.write_entry import write_entry
from apps.journal.ports import Actor
from tradingdesk.domain.tickets.submission import IntentState

ANSWER_WITHIN = timedelta(seconds=5)
# Gateways take orders for the closing auction without a word; the next reading of all orders shows them.
AUCTION_ANSWER_WITHIN = timedelta(seconds=90)
REMIND_AFTER = timedelta(seconds=60)


@transaction.atomic
def mark_silent(gateway_id: int, session_id: int, now: datetime) -> list[int]:
    """Every placement of this session that was written five seconds ago and not heard of."""
    auction = Q(ticket__order_type__in=AUCTION_TYPES)
    late = Intent.objects.filter(
        ~auction & Q(sending_at__lte=now - ANSWER_WITHIN)
        | auction & Q(sending_at__lte=now - AUCTION_ANSWER_WITHIN),
        gateway_id=gateway_id,
        session_id=session_id,
        state=IntentState.SENDING.value,
    )
    silent = list(late.order_by("ticket_id").select_for_update(of=("self",)))
    for intent in silent:
        add_own_evidence(intent, "silence", at=now, session_id=session_id, waited_s=ANSWER_WITHIN.seconds)
    return [intent.pk for intent in silent]


@transaction.atomic
def remind_of_unknown(gateway_id: int, session_id: int, now: datetime) -> int:
    """A minute later nobody knows yet: said once more, to somebody who may not have looked the first time."""
    waiting = Intent.objects.filter(
        gateway_id=gateway_id, state=IntentState.UNKNOWN.value, unknown_since__lte=now - REMIND_AFTER
    )
    told = Evidence.objects.filter(intent=OuterRef("pk"), kind="reminder")
    fresh = list(waiting.exclude(Exists(told)).select_related("ticket__account"))
    for intent in fresh:
        add_own_evidence(intent, "reminder", at=now, session_id=session_id)
        write_entry(
            "still_unknown",
            subject=intent,
            actor=Actor("link", "link"),
            account=intent.ticket.account.code,
            reason_code="INTENT_STILL_UNKNOWN",
            reason=f"{intent.order_ref} has not been heard of for {REMIND_AFTER.seconds} s",
            topics=("orders", "alerts"),
        )
    return len(fresh)
