"""Put something to be told into the queue, once under each key."""

from apps.alerts.facts import Note, headed
from apps.alerts.models import Alarm, Channel, Message
from apps.alerts.patience import human
from apps.alerts.ports import ALARM, COUNTDOWN, CRITICAL
from apps.alerts.queries import policy
from apps.journal import clock

LONGEST_BODY, LINES_TOLD = 4000, 12


def queue_message(
    key: str,
    kind: str,
    *,
    title: str,
    body: str = "",
    severity: str = "",
    window: int | None = None,
    alarm: Alarm | None = None,
    step: int = 0,
    only: Channel | None = None,
) -> bool:
    """False: it was queued before."""
    values = {
        "kind": kind,
        "title": title[:200],
        "body": body[:LONGEST_BODY],
        "severity": severity,
        "window": window,
        "alarm": alarm,
        "step": step,
        "only": only,
        "rank": 0 if kind == COUNTDOWN else 1 if severity == CRITICAL else 2,
        "made_at": clock.now(),
    }
    if alarm is not None:
        values |= {"code": alarm.code, "subject": alarm.subject, "account": alarm.account, "href": alarm.href}
    _, new = Message.objects.get_or_create(key=key, defaults=values)
    return new


def queue_note(key: str, note: Note) -> bool:
    """At once, unless its like was told a moment ago: then together with whatever else comes, a moment later.

    Belongs into the transaction that moves the bookmark: a note that is read twice would be counted twice.
    """
    now = clock.now()
    since = now - human(policy().fold_within)
    alike = Message.objects.filter(code=note.code, subject=note.subject, account=note.account)
    waiting = alike.filter(state=Message.QUEUED, attempts=0, due_at__gt=now).select_for_update().first()
    if waiting is not None and note.subject:
        _fold(waiting, note)
        return False
    last = alike.filter(made_at__gt=since).order_by("-made_at").first() if note.subject else None
    _, new = Message.objects.get_or_create(
        key=key,
        defaults={
            "kind": note.kind,
            "code": note.code,
            "subject": note.subject,
            "account": note.account,
            "href": note.href,
            "title": headed(note.title, note.account)[:200],
            "body": (note.body or note.title)[:LONGEST_BODY],
            "made_at": now,
            "due_at": None if last is None else last.made_at + human(policy().fold_within),
        },
    )
    return new


def _fold(waiting: Message, note: Note) -> None:
    lines = waiting.body.split("\n")
    waiting.count += 1
    if len(lines) < LINES_TOLD:
        waiting.body = "\n".join([*lines, note.body or note.title])[:LONGEST_BODY]
    waiting.title = headed(f"{waiting.count} times: {note.title}", note.account)[:200]
    waiting.save(update_fields=["count", "body", "title"])


def queue_alarm(alarm: Alarm, key: str, *, title: str, body: str, kind: str = ALARM, step: int = 0) -> bool:
    severity = alarm.severity
    return queue_message(key, kind, title=title, body=body, severity=severity, alarm=alarm, step=step)
