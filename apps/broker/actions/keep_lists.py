"""Keep the broker's newest lists as they were told: the reconciliation compares them with ours."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from apps.broker.models import LinkSession, ToldList

Rows = Sequence[Mapping[str, Any]]


@transaction.atomic
def keep_lists(session: LinkSession, lists: Mapping[str, Rows], at: datetime) -> None:
    """Each was read to its end; an empty one is an answer like any other."""
    for name, rows in lists.items():
        ToldList.objects.update_or_create(
            gateway_id=session.gateway_id,
            name=name,
            defaults={"session": session, "at": at, "rows": list(rows), "failed_at": None, "why": ""},
        )


@transaction.atomic
def note_unread(gateway_id: int, names: Sequence[str], why: str, at: datetime) -> None:
    """They could not be read: what they said before stays to be seen, and counts for nothing."""
    for name in names:
        ToldList.objects.update_or_create(
            gateway_id=gateway_id, name=name, defaults={"failed_at": at, "why": why[:500]}
        )
