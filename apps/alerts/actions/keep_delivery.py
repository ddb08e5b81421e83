"""Take a message to be sent, and keep what each channel answered."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.db.models import Q

from apps.alerts.models import Delivery, Message
from apps.journal import clock
from apps.journal.actions.write_entry import write_entry

ABANDONED = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Sent:
    """One channel's answer."""

    channel_id: int
    name: str
    arrived: bool
    milliseconds: int
    reason_code: str = ""


def take_message() -> Message | None:
    """The oldest one nobody has taken, countdowns first; what a dead worker took is given out again."""
    now = clock.now()
    left = Q(state=Message.SENDING, claimed_at__lt=now - ABANDONED)
    waiting = Message.objects.filter(Q(state=Message.QUEUED) | left)
    for row in waiting.order_by("-window", "pk")[:5]:
        same = Message.objects.filter(pk=row.pk, state=row.state, claimed_at=row.claimed_at)
        if same.update(state=Message.SENDING, claimed_at=now):
            row.refresh_from_db()
            return row
    return None


@transaction.atomic
def keep_delivery(message: Message, answers: Sequence[Sent]) -> None:
    """What arrived, what did not, and why."""
    now = clock.now()
    for sent in answers:
        Delivery.objects.update_or_create(
            message=message,
            channel_id=sent.channel_id,
            defaults={
                "at": now,
                "arrived": sent.arrived,
                "milliseconds": sent.milliseconds,
                "reason_code": sent.reason_code,
            },
        )
    arrived = [sent.name for sent in answers if sent.arrived]
    message.state = Message.DONE if arrived else Message.FAILED
    message.ended_at = now
    message.save(update_fields=["state", "ended_at"])
    write_entry(
        "deliver_message",
        subject=message,
        reason_code="" if arrived else next((one.reason_code for one in answers), ""),
        after={
            "arrived": arrived,
            "failed": {one.name: one.reason_code for one in answers if not one.arrived},
            "key": message.key,
        },
        topics=("alerts", "review"),
    )
