"""What takes two people: one asks, another one confirms or declines, once and in time."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from apps.journal.actions.write_entry import write_entry
from apps.journal.ports import SYSTEM, Actor, storable
from apps.operators.models import Second
from apps.operators.ports import SECONDS, SecondRefused
from apps.operators.queries import require

WAITS = timedelta(minutes=30)
TOPICS = ("seconds", "risk")


@transaction.atomic
def ask_second(kind: str, payload: dict[str, Any], *, by: Actor, reason: str, now: datetime) -> Second:
    """Nothing changes yet. What is to be done is kept as it was asked for, and done as it was kept."""
    if kind not in SECONDS:
        raise SecondRefused("SECOND_KIND_UNKNOWN", f"nothing called {kind!r} waits for a second person")
    if not reason.strip():
        raise SecondRefused("SECOND_UNEXPLAINED", "say why")
    require(by, SECONDS[kind])
    asked = Second.objects.create(
        kind=kind,
        payload=storable(payload),
        reason=reason.strip(),
        asked_by=by.name,
        asked_at=now,
        expires_at=now + WAITS,
    )
    write_entry(
        "ask_second",
        subject=asked,
        actor=by,
        reason=asked.reason,
        after={"kind": kind, "payload": asked.payload},
        topics=TOPICS,
    )
    return asked


@transaction.atomic
def confirm_second(pk: int, *, by: Actor, now: datetime) -> Second:
    """Another person says yes. Whoever calls this carries it out in the same transaction."""
    found = _waiting(pk, now)
    if by.kind != "user" or by.name == found.asked_by:
        raise SecondRefused("SECOND_SAME_PERSON", f"{found.asked_by} asked; another person has to confirm")
    require(by, "second")
    return _decide(found, Second.CONFIRMED, by=by, now=now)


@transaction.atomic
def decline_second(pk: int, *, by: Actor, now: datetime) -> Second:
    """Whoever may confirm may decline; whoever asked may take it back."""
    found = _waiting(pk, now)
    if by.name != found.asked_by:
        require(by, "second")
    return _decide(found, Second.DECLINED, by=by, now=now)


@transaction.atomic
def expire_seconds(now: datetime) -> int:
    """Whatever waited too long is over, and says so."""
    late = list(Second.objects.select_for_update().filter(state=Second.WAITING, expires_at__lte=now))
    for row in late:
        _decide(row, Second.EXPIRED, by=SYSTEM, now=now)
    return len(late)


def _waiting(pk: int, now: datetime) -> Second:
    found = Second.objects.select_for_update().filter(pk=pk).first()
    if found is None:
        raise SecondRefused("SECOND_KIND_UNKNOWN", f"there is no question {pk}")
    if found.state != Second.WAITING:
        by = found.decided_by or "time"
        raise SecondRefused("SECOND_DECIDED", f"it was {found.state} by {by}")
    if found.expires_at <= now:
        raise SecondRefused("SECOND_EXPIRED", f"it expired at {found.expires_at:%H:%M:%S} UTC")
    return found


def _decide(found: Second, state: str, *, by: Actor, now: datetime) -> Second:
    found.state, found.decided_by, found.decided_at = state, by.name, now
    found.save()
    write_entry(
        f"second_{state}",
        subject=found,
        actor=by,
        reason_code="SECOND_EXPIRED" if state == Second.EXPIRED else "",
        reason=found.reason,
        after={"kind": found.kind, "asked_by": found.asked_by, "payload": found.payload},
        topics=TOPICS,
    )
    return found
