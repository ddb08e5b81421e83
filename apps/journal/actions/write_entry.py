"""Write journal lines in the transaction of the change that they tell."""

import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import connection
from django.db.models import Model

from apps.journal import clock
from apps.journal.models import Entry
from apps.journal.ports import SYSTEM, Actor, Record, RefusedOutsideTransaction, Subject, storable
from apps.journal.statements import rows_of
from tradingdesk.postgres.base import say_last

CHANNEL = "journal"
LONGEST_NOTICE = 7900
HEAD = "SELECT sequence, hash FROM journal_head WHERE id = 1 FOR UPDATE"
WRITE = "SELECT journal_write(%s::jsonb, %s::text, %s::text[])"


@dataclass(slots=True)
class _Line:
    """A line that has no number yet."""

    entry: Entry
    topics: tuple[str, ...]
    at: datetime | None


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
    """Append a line with the caller's commit, and wake the listeners.

    It has its number only then. The head's row makes the numbers gapless and everybody needs it, so it is
    locked once in a transaction and after all else: no two can then wait for each other over it.
    """
    if not connection.in_atomic_block:
        raise RefusedOutsideTransaction(f"'{verb}' needs the transaction of the change that it tells")
    about = subject if isinstance(subject, Subject) else subject_of(subject)
    entry = Entry(
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
    )
    say_last(_append, _Line(entry, topics, at or clock.standing_at()))
    return entry


def _append(lines: list[_Line]) -> None:
    """Number them, chain them, and have the database store them in one call."""
    ((last, last_hash),) = rows_of(HEAD)
    now = clock.now()
    records = []
    for number, line in enumerate(lines, last + 1):
        entry = line.entry
        entry.sequence, entry.previous_hash, entry.at = number, last_hash, line.at or now
        record = entry.as_value()
        entry.hash = last_hash = record.digest()
        records.append(_row(record, entry.hash))
    notices = [notice(line.entry, line.topics) for line in lines]
    rows_of(WRITE, [json.dumps(records), CHANNEL, notices])


def _row(record: Record, digest: str) -> dict[str, Any]:
    return asdict(record) | {"at": record.at.astimezone(UTC).isoformat(), "hash": digest}


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
