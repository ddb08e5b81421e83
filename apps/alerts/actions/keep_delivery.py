"""Take a message to be sent, and keep what each channel answered."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q

from apps.alerts.actions.escalate_alarm import hurry_alarm
from apps.alerts.models import Delivery, Message
from apps.alerts.patience import human
from apps.alerts.ports import NOT_RETRIED, RETRIES
from apps.journal import clock
from apps.journal.actions.write_entry import write_entry

ABANDONED_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Sent:
    """One channel's answer."""

    channel_id: int
    name: str
    arrived: bool
    milliseconds: int
    reason_code: str = ""


def take_message() -> Message | None:
    """Countdowns first, then critical, then the oldest; what a dead worker took is given out again."""
    now = clock.now()
    due = Q(state=Message.QUEUED) & (Q(due_at=None) | Q(due_at__lte=now))
    left = Q(state=Message.SENDING, claimed_at__lt=now - human(ABANDONED_SECONDS))
    for row in Message.objects.filter(due | left).order_by("rank", "pk")[:5]:
        same = Message.objects.filter(pk=row.pk, state=row.state, claimed_at=row.claimed_at)
        if same.update(state=Message.SENDING, claimed_at=now):
            row.refresh_from_db()
            return row
    return None


@transaction.atomic
def keep_delivery(message: Message, answers: Sequence[Sent]) -> list[Sent]:
    """What arrived, what did not and why, and whether it is tried again. Returns what is given up."""
    now = clock.now()
    message.attempts += 1
    for sent in answers:
        Delivery.objects.update_or_create(
            message=message,
            channel_id=sent.channel_id,
            attempt=message.attempts,
            defaults={
                "at": now,
                "arrived": sent.arrived,
                "milliseconds": sent.milliseconds,
                "reason_code": sent.reason_code,
            },
        )
    failed = [sent for sent in answers if not sent.arrived]
    again = [sent for sent in failed if _tried_again(message, sent)]
    if again:
        message.state, message.due_at = Message.QUEUED, now + human(RETRIES[message.attempts - 1])
    else:
        message.state, message.ended_at = _end(message, answers), now
    message.save(update_fields=["attempts", "state", "due_at", "ended_at"])
    _tell(message, answers)
    given_up = [sent for sent in failed if sent not in again]
    if message.alarm_id is not None and answers and len(failed) == len(answers):
        hurry_alarm(message.alarm_id)
    return given_up


def _tried_again(message: Message, sent: Sent) -> bool:
    """A countdown is decided by its first answer, and a test is a test."""
    if message.window is not None or message.only_id is not None or sent.reason_code in NOT_RETRIED:
        return False
    return message.attempts <= len(RETRIES)


def _end(message: Message, answers: Sequence[Sent]) -> str:
    if any(sent.arrived for sent in answers) or message.deliveries.filter(arrived=True).exists():
        return Message.DONE
    return Message.FAILED if answers or message.window is not None else Message.SILENT


def _tell(message: Message, answers: Sequence[Sent]) -> None:
    arrived = [sent.name for sent in answers if sent.arrived]
    write_entry(
        "deliver_message",
        subject=message,
        account=message.account,
        reason_code="" if arrived else next((one.reason_code for one in answers), ""),
        after={
            "arrived": arrived,
            "failed": {one.name: one.reason_code for one in answers if not one.arrived},
            "key": message.key,
            "attempt": message.attempts,
        },
        topics=("alerts", "review") if message.window is not None else ("alerts",),
    )
