"""Make the sessions of one calendar, over the span that is told, exactly what is told."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from apps.journal.actions.write_entry import write_entry
from apps.journal.ports import Subject
from apps.market.models import Session, SessionOverride


@dataclass(frozen=True, slots=True)
class SessionTold:
    """One session as a calendar tells it."""

    day: date
    open_at: datetime
    close_at: datetime
    early: bool


@transaction.atomic
def save_sessions(calendar: str, told: Sequence[SessionTold]) -> int:
    """How many rows changed; none, and nothing is written. A calendar that tells nothing changes nothing."""
    if not told:
        return 0
    told = _without_overridden(calendar, told)
    if not told:
        return 0
    days = {one.day for one in told}
    span = Session.objects.filter(calendar=calendar, day__gte=min(days), day__lte=max(days))
    known = {row.day: SessionTold(row.day, row.open_at, row.close_at, row.early) for row in span}
    news = [one for one in told if known.get(one.day) != one]
    gone = sorted(set(known) - days - _overridden_days(calendar))
    if not news and not gone:
        return 0
    span.filter(day__in=gone).delete()
    Session.objects.bulk_create(
        [
            Session(
                calendar=calendar, day=one.day, open_at=one.open_at, close_at=one.close_at, early=one.early
            )
            for one in news
        ],
        update_conflicts=True,
        unique_fields=["calendar", "day"],
        update_fields=["open_at", "close_at", "early"],
    )
    write_entry(
        "save_sessions",
        subject=Subject("market.session", calendar),
        after={"changed": len(news), "removed": gone, "to": max(days)},
        topics=("plans",),
    )
    return len(news) + len(gone)


def _overridden_days(calendar: str) -> set[date]:
    """Days on which an operator's word is stronger than the calendar's."""
    standing = SessionOverride.objects.filter(calendar=calendar, lifted_at=None)
    return set(standing.values_list("day", flat=True))


def _without_overridden(calendar: str, told: Sequence[SessionTold]) -> list[SessionTold]:
    """What the calendar says of an overridden day is kept beside the override, and is not put in force."""
    kept = []
    standing = {row.day: row for row in SessionOverride.objects.filter(calendar=calendar, lifted_at=None)}
    for one in told:
        row = standing.get(one.day)
        if row is None:
            kept.append(one)
        elif (row.calendar_open_at, row.calendar_close_at) != (one.open_at, one.close_at):
            row.calendar_open_at, row.calendar_close_at = one.open_at, one.close_at
            row.calendar_early = one.early
            row.save(update_fields=["calendar_open_at", "calendar_close_at", "calendar_early"])
    return kept
