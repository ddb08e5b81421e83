"""No answer in time: the order's fate is unknown from now on. It is never sent again by itself."""

from datetime import datetime, timedelta

from django.db import transaction

from apps.broker.actions.own_evidence import add_own_evidence
from apps.broker.models import Intent
from apps.broker.queries import AUCTION_TYPES
from apps.journal.actions.write_entry import write_entry
from apps.journal.ports import Actor
from apps.journal.statements import Part

ANSWER_WITHIN = timedelta(seconds=5)
# Gateways take orders for the closing auction without a word; the next reading of all orders shows them.
AUCTION_ANSWER_WITHIN = timedelta(seconds=90)
REMIND_AFTER = timedelta(seconds=60)
_I = Part(Intent, "i")
LATE = """
    FROM broker_intent i JOIN tickets_ticket t ON t.id = i.ticket_id
    WHERE i.state = 'SENDING' AND i.gateway_id = %s AND i.session_id = %s
        AND i.sending_at <= CASE WHEN t.order_type = ANY(%s::text[]) THEN %s ELSE %s END
    ORDER BY i.ticket_id FOR NO KEY UPDATE OF i
"""
UNREMINDED = """
    FROM broker_intent i WHERE i.gateway_id = %s AND i.unknown_since <= %s
        AND EXISTS (SELECT FROM broker_order o WHERE o.intent_id = i.id AND o.state = 'UNKNOWN')
        AND NOT EXISTS (SELECT FROM broker_evidence e WHERE e.intent_id = i.id AND e.kind = 'reminder'
            AND e.received_at >= i.unknown_since)
"""


@transaction.atomic
def mark_silent(gateway_id: int, session_id: int, now: datetime) -> list[int]:
    """Every placement of this session that was written five seconds ago and not heard of."""
    late = [gateway_id, session_id, list(AUCTION_TYPES), now - AUCTION_ANSWER_WITHIN, now - ANSWER_WITHIN]
    silent = _I.rows(LATE, late)
    for intent in silent:
        add_own_evidence(intent, "silence", at=now, session_id=session_id, waited_s=ANSWER_WITHIN.seconds)
    return [intent.pk for intent in silent]


@transaction.atomic
def remind_of_unknown(gateway_id: int, session_id: int, now: datetime) -> int:
    """A minute later nobody knows yet: said once more, to somebody who may not have looked the first time."""
    fresh = _I.rows(UNREMINDED, [gateway_id, now - REMIND_AFTER])
    for intent in fresh:
        add_own_evidence(intent, "reminder", at=now, session_id=session_id)
        write_entry(
            "still_unknown",
            subject=intent,
            actor=Actor("link", "link"),
            account=intent.ticket.account.code,
            reason_code="INTENT_STILL_UNKNOWN",
            reason=f"nobody knows for {REMIND_AFTER.seconds} s what became of {intent.order_ref}",
            topics=("orders", "alerts"),
        )
    return len(fresh)
