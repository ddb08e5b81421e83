"""Rows we add to the evidence ourselves: an answer that did not come, what we asked, what a person ruled."""

from datetime import datetime
from typing import Any

from apps.broker.actions.settle_intents import settle_intents
from apps.broker.models import Evidence, Intent


def add_own_evidence(intent: Intent, kind: str, *, at: datetime, session_id: int, **fields: Any) -> Evidence:
    """Append it and fold. Runs inside the caller's transaction."""
    row = own_evidence(intent, kind, at=at, session_id=session_id, **fields)
    row.save()
    settle_intents([intent.pk])
    return row


def own_evidence(intent: Intent, kind: str, *, at: datetime, session_id: int, **fields: Any) -> Evidence:
    """The row, not stored yet."""
    return Evidence(
        session_id=session_id,
        intent=intent,
        kind=kind,
        order_id=intent.order_id,
        client_id=intent.client_id,
        order_ref=intent.order_ref,
        fields=fields,
        received_at=at,
    )
