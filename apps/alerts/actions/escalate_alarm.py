"""Nobody has acknowledged a critical alarm: call the next ones; after the last, everybody."""

from django.db import transaction

from apps.alerts.actions.queue_message import queue_alarm
from apps.alerts.models import Alarm
from apps.alerts.patience import human
from apps.alerts.queries import policy, steps_of_critical
from apps.alerts.words import body_of, title_of
from apps.journal import clock
from apps.journal.actions.write_entry import write_entry

EVERYBODY_AGAIN = 5  # times, each ten waits apart
LONGER = 10


@transaction.atomic
def escalate_alarm(number: int) -> bool:
    """False: it was acknowledged, it ended, or another worker was first."""
    now = clock.now()
    alarm = Alarm.objects.select_for_update().get(pk=number)
    due = alarm.escalates_at is not None and alarm.escalates_at <= now
    if not due or alarm.ended_at is not None or alarm.acknowledged_at is not None:
        return False
    steps, wait = steps_of_critical(), policy().escalate_after
    alarm.step += 1
    past_last = alarm.step - max(steps, 1) + 1
    if past_last > EVERYBODY_AGAIN:
        alarm.escalates_at = None
    else:
        alarm.escalates_at = now + human(wait if past_last < 1 else wait * LONGER)
    alarm.told_at = now
    alarm.save(update_fields=["step", "escalates_at", "told_at"])
    minutes = int((now - alarm.first_at).total_seconds() // 60)
    said = f"Nobody has acknowledged this for {minutes} min; step {alarm.step + 1}."
    write_entry(
        "escalate_alarm",
        subject=alarm,
        account=alarm.account,
        after={"code": alarm.code, "step": alarm.step, "steps": steps},
        topics=("alerts",),
    )
    queue_alarm(
        alarm,
        f"alarm-{alarm.pk}-step-{alarm.step}",
        title=title_of(alarm, before="unanswered: "),
        body=body_of(alarm, before=said),
        step=alarm.step,
    )
    return True


@transaction.atomic
def hurry_alarm(number: int) -> None:
    """Its message reached nobody: the next ones are called without waiting."""
    Alarm.objects.filter(pk=number, ended_at=None, acknowledged_at=None, escalates_at__isnull=False).update(
        escalates_at=clock.now()
    )
