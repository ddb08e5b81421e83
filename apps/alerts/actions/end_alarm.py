"""Acknowledge an alarm, or note that its cause is gone."""

from django.db import transaction

from apps.alerts.actions.queue_message import queue_alarm
from apps.alerts.codes import CODES
from apps.alerts.models import Alarm
from apps.alerts.ports import AlertRefused
from apps.alerts.words import over_body, over_title
from apps.journal import clock
from apps.journal.actions.write_entry import write_entry
from apps.journal.ports import SYSTEM, Actor
from apps.operators.queries import require

TOPICS = ("alerts",)


@transaction.atomic
def acknowledge_alarm(number: int, *, actor: Actor) -> Alarm:
    """Nobody is called about it any more. What has no end of its own ends with it."""
    alarm = Alarm.objects.select_for_update().filter(pk=number).first()
    require(actor, "acknowledge", alarm.account if alarm else "")
    if alarm is None or alarm.ended_at is not None or alarm.acknowledged_at is not None:
        raise AlertRefused("ALARM_NOT_OPEN", "it is over, or somebody has acknowledged it")
    alarm.acknowledged_at, alarm.acknowledged_by = clock.now(), actor.name
    alarm.escalates_at = None
    if not CODES[alarm.code].stands:
        alarm.ended_at = alarm.acknowledged_at
    alarm.save(update_fields=["acknowledged_at", "acknowledged_by", "escalates_at", "ended_at"])
    waited = (alarm.acknowledged_at - alarm.first_at).total_seconds()
    write_entry(
        "acknowledge_alarm",
        subject=alarm,
        actor=actor,
        account=alarm.account,
        after={"code": alarm.code, "waited_s": round(waited, 1), "step": alarm.step},
        topics=TOPICS,
    )
    return alarm


@transaction.atomic
def end_alarm(number: int) -> bool:
    """Its cause is gone. Where people were called for it, they are told that too."""
    alarm = Alarm.objects.select_for_update().get(pk=number)
    if alarm.ended_at is not None:
        return False
    alarm.ended_at, alarm.escalates_at = clock.now(), None
    alarm.save(update_fields=["ended_at", "escalates_at"])
    write_entry(
        "end_alarm",
        subject=alarm,
        actor=SYSTEM,
        account=alarm.account,
        after={"code": alarm.code, "acknowledged_by": alarm.acknowledged_by},
        topics=TOPICS,
    )
    if CODES[alarm.code].tells_end:
        key = f"alarm-{alarm.pk}-over-{alarm.count}"
        queue_alarm(alarm, key, title=over_title(alarm), body=over_body(alarm), step=alarm.step)
    return True
