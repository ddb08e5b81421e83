"""A step of the day begins, stumbles, and ends: once each, in this order, each with its line."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction

from apps.journal.actions.write_entry import write_entry
from apps.journal.ports import Actor
from apps.runbook.models import DayStep
from tradingdesk.domain.market.timetable import Outcome

TIMETABLE = Actor("system", "timetable")
REASONS = {
    "STEP_MISSED": "A step of the day was not begun before its deadline; it is not run late.",
    "STEP_FAILED": "A step of the day ended without having done what it is for.",
    "STEP_BROKEN": "The work of a step broke again and again, and was given up.",
}


@dataclass(frozen=True, slots=True)
class Ended:
    """How a step ended, in words and in numbers."""

    outcome: Outcome
    told: str
    numbers: dict[str, Any] = field(default_factory=dict)
    code: str = ""


@transaction.atomic
def begin_step(step_id: int, now: datetime) -> DayStep | None:
    """None: it was begun or ended before."""
    row = DayStep.objects.select_for_update().get(pk=step_id)
    if row.outcome or row.started_at is not None:
        return None
    row.started_at = now
    row.save(update_fields=["started_at"])
    write_entry("begin_step", subject=row, actor=TIMETABLE, after=_about(row), topics=("journal",))
    return row


@transaction.atomic
def end_step(step_id: int, ended: Ended, now: datetime) -> DayStep | None:
    """None: it has its outcome already."""
    row = (
        DayStep.objects.select_for_update(of=("self",)).select_related("strategy", "account").get(pk=step_id)
    )
    if row.outcome:
        return None
    code = ended.code or ("STEP_FAILED" if ended.outcome is Outcome.FAILED else "")
    row.outcome, row.told, row.numbers = ended.outcome.value, ended.told[:2000], ended.numbers
    row.reason_code, row.ended_at = code, max(now, row.started_at or now)
    row.save(update_fields=["outcome", "told", "numbers", "reason_code", "ended_at"])
    write_entry(
        "end_step",
        subject=row,
        actor=TIMETABLE,
        account=row.account.code,
        reason_code=code,
        reason=row.told,
        after={**_about(row), "outcome": row.outcome, "numbers": row.numbers},
        topics=("journal", "alerts") if code else ("journal",),
    )
    return row


@transaction.atomic
def miss_steps(rows: Sequence[DayStep], now: datetime) -> list[DayStep]:
    """However many days nobody looked: one line in the journal for an account, each step named in it."""
    held = DayStep.objects.select_for_update(of=("self",)).select_related("strategy", "account")
    missed = list(
        held.filter(pk__in=[row.pk for row in rows], outcome="", started_at=None).order_by("due_at")
    )
    if not missed:
        return []
    for row in missed:
        row.outcome, row.reason_code, row.ended_at = Outcome.MISSED.value, "STEP_MISSED", now
        row.told = f"was to be begun before {row.deadline:%Y-%m-%d %H:%M} UTC; nobody was there"
    DayStep.objects.bulk_update(missed, ["outcome", "reason_code", "ended_at", "told"])
    write_entry(
        "miss_steps",
        subject=missed[0],
        actor=TIMETABLE,
        account=missed[0].account.code,
        reason_code="STEP_MISSED",
        reason=", ".join(str(row) for row in missed),
        after={"steps": [row.pk for row in missed]},
        topics=("journal", "alerts"),
    )
    return missed


def note_stumble(step_id: int, why: str) -> int:
    """The work broke and will be tried again; how often that was."""
    row = DayStep.objects.get(pk=step_id)
    row.tries, row.told = row.tries + 1, why[:2000]
    row.save(update_fields=["tries", "told"])
    return row.tries


def _about(row: DayStep) -> dict[str, Any]:
    return {"step": row.name, "strategy": row.strategy.name if row.strategy else "", "day": row.session_date}
