"""Raise an alarm. The same thing again is the same alarm: counted, and told again at most once in a while."""

from datetime import datetime

from django.db import transaction

from apps.alerts.actions.queue_message import queue_alarm
from apps.alerts.codes import CODES
from apps.alerts.facts import Fact
from apps.alerts.models import Alarm
from apps.alerts.patience import human
from apps.alerts.ports import CRITICAL
from apps.alerts.queries import policy
from apps.alerts.words import body_of, title_of
from apps.journal import clock
from apps.journal.actions.write_entry import write_entry

TOPICS = ("alerts",)


@transaction.atomic
def open_alarm(fact: Fact) -> Alarm:
    """One row while it lasts, and a moment longer: what flaps is one alarm and not twenty."""
    code, now = CODES[fact.code], clock.now()
    alarm = _standing(fact, now)
    if alarm is not None:
        return _again(alarm, fact, now)
    severity = fact.severity or code.severity
    alarm = Alarm.objects.create(
        code=fact.code,
        subject=fact.subject,
        account=fact.account,
        severity=severity,
        text=fact.text,
        href=fact.href,
        first_at=now,
        last_at=now,
        told_at=now,
        escalates_at=now + human(policy().escalate_after) if severity == CRITICAL else None,
    )
    _tell(alarm, "open_alarm")
    queue_alarm(alarm, f"alarm-{alarm.pk}", title=title_of(alarm), body=body_of(alarm), kind=code.kind)
    return alarm


def _standing(fact: Fact, now: datetime) -> Alarm | None:
    """The one that is open, or that ended a moment ago."""
    rows = Alarm.objects.select_for_update().filter(code=fact.code, subject=fact.subject)
    found = rows.filter(ended_at=None).first()
    if found is not None:
        return found
    return rows.filter(ended_at__gt=now - human(policy().fold_within)).order_by("-ended_at").first()


def _again(alarm: Alarm, fact: Fact, now: datetime) -> Alarm:
    code = CODES[alarm.code]
    came_back = alarm.ended_at is not None
    alarm.count, alarm.last_at, alarm.text, alarm.ended_at = alarm.count + 1, now, fact.text, None
    if came_back and not code.stands:  # another one of its kind: nobody has seen this one
        alarm.acknowledged_at, alarm.acknowledged_by = None, ""
    silent = alarm.acknowledged_at is not None or now - alarm.told_at < human(policy().fold_within)
    if not silent:
        alarm.told_at = now
    if alarm.severity == CRITICAL and alarm.acknowledged_at is None and alarm.escalates_at is None:
        alarm.escalates_at = now + human(policy().escalate_after)
    alarm.save()
    if came_back:
        _tell(alarm, "open_alarm_again")
    if not silent:
        key = f"alarm-{alarm.pk}-again-{alarm.count}"
        queue_alarm(alarm, key, title=title_of(alarm), body=body_of(alarm), kind=code.kind, step=alarm.step)
    return alarm


def _tell(alarm: Alarm, verb: str) -> None:
    write_entry(
        verb,
        subject=alarm,
        account=alarm.account,
        reason=alarm.text,
        after={"code": alarm.code, "severity": alarm.severity, "subject": alarm.subject},
        topics=TOPICS,
    )
