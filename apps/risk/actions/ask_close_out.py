"""The day's own end of positions: a stop's machinery without a stop. Once for a strategy, account and day."""

from datetime import date, datetime

from django.db import transaction

from apps.journal.actions.write_entry import write_entry
from apps.journal.ports import Actor
from apps.risk.models import Stop, Stopping

TIMETABLE = Actor("system", "timetable")


@transaction.atomic
def ask_close_out(purpose: str, *, account_code: str, strategy: str, day: date, now: datetime) -> Stopping:
    """Asked twice it is the same one. No stop level changes: tomorrow needs nobody to let go."""
    row, new = Stopping.objects.get_or_create(
        purpose=purpose,
        account_code=account_code,
        key=strategy,
        day=day,
        defaults={
            "scope": "strategy",
            "level": Stop.HALTED,  # how far its cancels reach: everything that may still fill
            "flatten": True,
            "epoch": 0,
            "asked_at": now,
            "by": TIMETABLE.name,
            "reason": f"{purpose} of {day}",
        },
    )
    if new:
        write_entry(
            "ask_close_out",
            subject=row,
            actor=TIMETABLE,
            account=account_code,
            after={"purpose": purpose, "strategy": strategy, "day": day},
            topics=("orders", "risk"),
        )
    return row


@transaction.atomic
def open_again(stopping: Stopping, now: datetime) -> None:
    """It had ended flat and something is held again: it goes on with the broker's books, read from now on."""
    row = Stopping.objects.select_for_update().get(pk=stopping.pk)
    if row.state != Stopping.ENDED or row.flat_at is None:
        return
    row.state, row.gone_at, row.ended_at, row.flat_at, row.note = Stopping.FLATTENING, now, None, None, ""
    row.save(update_fields=["state", "gone_at", "ended_at", "flat_at", "note"])
    write_entry(
        "open_close_out_again",
        subject=row,
        actor=TIMETABLE,
        account=row.account_code,
        after={"purpose": row.purpose, "strategy": row.key, "day": row.day},
        topics=("orders", "risk"),
    )
