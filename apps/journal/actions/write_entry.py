"""Write one journal line in the transaction of the change that it tells."""

from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Model

from apps.journal import clock
from apps.journal.models import Entry
from apps.journal.ports import SYSTEM, Actor, Record, RefusedOutsideTransaction, Subject, storable

CHANNEL = "journal"
LONGEST_NOTICE = 7900


def write_entry(
    verb: str,
    *,
    subject: Subject | Model,
    actor: Actor = SYSTEM,
    account: str = "",
    reason_code: str = "",
    reason: str = "",
    before: Any = None,
    after: Any = None,
    request_id: str = "",
    topics: tuple[str, ...] = (),
    at: datetime | None = None,
) -> Entry:
    """Append a line, move the head, and wake the listeners at commit.

    The head's row stays locked until the caller's transaction ends: that is what makes the numbers gapless,
    so write late in a transaction and keep it short.
    """
    if not connection.in_atomic_block:
        raise RefusedOutsideTransaction(f"'{verb}' needs the transaction of the change that it tells")
    about = subject if isinstance(subject, Subject) else subject_of(subject)
    with connection.cursor() as cursor:
        cursor.execute("SELECT sequence, hash FROM journal_head WHERE id = 1 FOR UPDATE")
        last, last_hash = cursor.fetchone()
        record = Record(
            sequence=last + 1,
            at=at or clock.now(),
            actor_kind=actor.kind,
            actor=storable(actor.name),
            verb=verb,
            subject_kind=about.kind,
            subject_id=storable(about.id),
            account=account,
            reason_code=reason_code,
            reason=storable(reason),
            before=storable(before),
            after=storable(after),
            request_id=storable(request_id),
            previous_hash=last_hash,
        )
        entry = Entry(**{name: getattr(record, name) for name in Record.__dataclass_fields__})
        entry.hash = record.digest()
        entry.save(force_insert=True)
        cursor.execute(
            "UPDATE journal_head SET sequence = %s, hash = %s WHERE id = 1; SELECT pg_notify(%s, %s)",
            [entry.sequence, entry.hash, CHANNEL, notice(entry, topics)],
        )
    return entry


def subject_of(model: Model) -> Subject:
    """Name a row of ours."""
    return Subject(model._meta.label_lower, str(model.pk))


def notice(entry: Entry, topics: tuple[str, ...]) -> str:
    """Return what listeners hear: the line's number and the topics that changed with it."""
    heard = dict.fromkeys(("journal", entry.subject_kind, *topics))
    text = f"{entry.sequence} {','.join(heard)}"
    if len(text.encode()) > LONGEST_NOTICE:
        return f"{entry.sequence} journal,everything"
    return text
