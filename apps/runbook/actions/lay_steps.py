"""Write down what is to be done on a day, before any of it is due."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from apps.desks.models import Account, Strategy
from apps.journal.actions.write_entry import write_entry
from apps.journal.ports import Actor, Subject
from apps.runbook.models import DayStep

TIMETABLE = Actor("system", "timetable")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """One row that the day should have."""

    name: str
    strategy: Strategy | None
    due_at: datetime
    deadline: datetime
    kind: str = DayStep.STEP


@transaction.atomic
def lay_steps(account: Account, day: date, wanted: Sequence[Wanted]) -> int:
    """How many rows changed. A step that has begun keeps its times; one that is not wanted any more goes
    only if it has not begun: the exchange may have been declared shut."""
    rows = {(row.name, row.strategy_id): row for row in _rows(account, day).select_for_update(of=("self",))}
    named = {(one.name, one.strategy.pk if one.strategy else None): one for one in wanted}
    news = [one for key, one in named.items() if key not in rows]
    moved = [
        row
        for key, row in rows.items()
        if key in named and _waits(row) and _times(row) != (named[key].due_at, named[key].deadline)
    ]
    gone = [row for key, row in rows.items() if key not in named and _waits(row)]
    if not (news or moved or gone):
        return 0
    for row in moved:
        row.due_at, row.deadline = _of(named, row).due_at, _of(named, row).deadline
        row.save(update_fields=["due_at", "deadline"])
    DayStep.objects.filter(pk__in=[row.pk for row in gone]).delete()
    DayStep.objects.bulk_create(
        DayStep(
            name=one.name,
            kind=one.kind,
            account=account,
            strategy=one.strategy,
            session_date=day,
            due_at=one.due_at,
            deadline=one.deadline,
        )
        for one in news
    )
    write_entry(
        "lay_steps",
        subject=Subject("runbook.day", f"{account.code} {day}"),
        actor=TIMETABLE,
        account=account.code,
        after={
            "laid": [one.name for one in news],
            "moved": {row.name: row.due_at for row in moved},
            "taken_back": [row.name for row in gone],
        },
        topics=("journal",),
    )
    return len(news) + len(moved) + len(gone)


def _rows(account: Account, day: date):  # type: ignore[no-untyped-def]
    return DayStep.objects.filter(account=account, session_date=day)


def _waits(row: DayStep) -> bool:
    return not row.outcome and row.started_at is None


def _times(row: DayStep) -> tuple[datetime, datetime]:
    return row.due_at, row.deadline


def _of(named: dict[tuple[str, int | None], Wanted], row: DayStep) -> Wanted:
    return named[row.name, row.strategy_id]
