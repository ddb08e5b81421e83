"""The gateway said that it gets too much in a second, and the link has left its usual pace."""

from django.db import transaction

from apps.broker.models import LinkSession
from apps.journal.actions.write_entry import write_entry
from apps.journal.ports import Actor


@transaction.atomic
def note_throttle(session: LinkSession, pace: dict[str, int], *, holder: str) -> None:
    write_entry(
        "slow_down",
        subject=session,
        actor=Actor("link", holder),
        reason_code="GATEWAY_THROTTLES",
        reason="the gateway dropped what was too much in a second (100)",
        after=pace,
        topics=("link",),
    )
