"""No answer in time: the order's fate is unknown from now on. It is never sent again by itself."""

from datetime import datetime, timedelta

from django.db import transaction

from apps.broker.actions.own_evidence import add_own_evidence
from apps.broker.models import Intent
from tradingdesk.domain.tickets.submission import IntentState

ANSWER_WITHIN = timedelta(seconds=5)


@transaction.atomic
def mark_silent(gateway_id: int, session_id: int, now: datetime) -> list[int]:
    """Every placement of this session that was written five seconds ago and not heard of."""
    late = Intent.objects.filter(
        gateway_id=gateway_id,
        session_id=session_id,
        state=IntentState.SENDING.value,
        sending_at__lte=now - ANSWER_WITHIN,
    )
    silent = list(late.select_for_update())
    for intent in silent:
        add_own_evidence(intent, "silence", at=now, session_id=session_id, waited_s=ANSWER_WITHIN.seconds)
    return [intent.pk for intent in silent]
