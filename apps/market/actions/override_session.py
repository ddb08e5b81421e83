"""Say that an exchange keeps other hours on one day than its calendar has, or none; and take that back."""

from datetime import date, datetime, timedelta

from django.db import transaction

from apps.journal.actions.write_entry import write_entry
from apps.journal.ports import Actor
from apps.market.models import Session, SessionOverride
from tradingdesk.domain.market import Session as SessionValue
from tradingdesk.domain.market.timetable import Override, overridden
from tradingdesk.domain.money import Reason

REASONS = {
    "OVERRIDE_UNEXPLAINED": "Other hours than the calendar's need a reason of ten characters or more.",
    "OVERRIDE_NO_SESSION": "The calendar has no session on that day, so there are no hours to change.",
    "OVERRIDE_DISORDERED": "The opening must come before the close, and both within the day.",
    "OVERRIDE_STANDS": "Other hours stand for that day already; take them back first.",
    "OVERRIDE_GONE": "Nothing stands for that day any more.",
}
REASON_AT_LEAST = 10
LONGEST_DAY = timedelta(hours=24)


class OverrideRefused(Exception):
    """The hours stay what they were."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.text)
        self.reason = reason


@transaction.atomic
def override_session(
    calendar: str,
    day: date,
    *,
    open_at: datetime | None,
    close_at: datetime | None,
    reason: str,
    actor: Actor,
    now: datetime,
) -> SessionOverride:
    """Neither moment: the exchange stays shut. One of them: the other is the calendar's."""
    session = Session.objects.select_for_update().filter(calendar=calendar, day=day).first()
    standing = SessionOverride.objects.filter(calendar=calendar, day=day, lifted_at=None).exists()
    problem = override_problem(session, standing=standing, open_at=open_at, close_at=close_at, reason=reason)
    if problem is not None or session is None:
        raise OverrideRefused(problem or Reason("OVERRIDE_NO_SESSION", f"no session on {day}"))
    before = SessionValue(calendar, day, session.open_at, session.close_at, session.early)
    after = overridden(before, Override(day=day, reason=reason, open_at=open_at, close_at=close_at))
    row = SessionOverride.objects.create(
        calendar=calendar,
        day=day,
        open_at=after.open_at if after else None,
        close_at=after.close_at if after else None,
        calendar_open_at=before.open_at,
        calendar_close_at=before.close_at,
        calendar_early=before.early,
        reason=reason.strip(),
        by=actor.name,
        made_at=now,
    )
    if after is None:
        session.delete()
    else:
        session.open_at, session.close_at, session.early = after.open_at, after.close_at, after.early
        session.save(update_fields=["open_at", "close_at", "early"])
    _tell("override_session", row, actor, before=before, after=after)
    return row


@transaction.atomic
def lift_override(number: int, *, actor: Actor, now: datetime) -> SessionOverride:
    """The calendar's hours are in force again."""
    row = SessionOverride.objects.select_for_update().get(pk=number)
    if row.lifted_at is not None:
        raise OverrideRefused(Reason("OVERRIDE_GONE", f"{row} was taken back by {row.lifted_by}"))
    told = {
        "open_at": row.calendar_open_at,
        "close_at": row.calendar_close_at,
        "early": row.calendar_early,
    }
    Session.objects.update_or_create(calendar=row.calendar, day=row.day, defaults=told)
    row.lifted_at, row.lifted_by = now, actor.name
    row.save(update_fields=["lifted_at", "lifted_by"])
    back = SessionValue(
        row.calendar, row.day, row.calendar_open_at, row.calendar_close_at, row.calendar_early
    )
    _tell("lift_override", row, actor, before=None, after=back)
    return row


def override_problem(
    session: Session | None,
    *,
    standing: bool,
    open_at: datetime | None,
    close_at: datetime | None,
    reason: str,
) -> Reason | None:
    """Why these hours cannot be; the form asks the same before it is sent."""
    if len(reason.strip()) < REASON_AT_LEAST:
        return Reason("OVERRIDE_UNEXPLAINED", "say what happened, in ten characters or more")
    if standing:
        return Reason("OVERRIDE_STANDS", "other hours stand for that day already")
    if session is None:
        return Reason("OVERRIDE_NO_SESSION", "the calendar has no session on that day")
    opens, closes = open_at or session.open_at, close_at or session.close_at
    near = all(abs(one - session.open_at) < LONGEST_DAY for one in (opens, closes))
    if opens >= closes or not near:
        return Reason("OVERRIDE_DISORDERED", f"{opens:%H:%M} to {closes:%H:%M} UTC is no session of that day")
    return None


def _tell(
    verb: str, row: SessionOverride, actor: Actor, *, before: SessionValue | None, after: SessionValue | None
) -> None:
    write_entry(
        verb,
        subject=row,
        actor=actor,
        reason=row.reason,
        before=_hours(before),
        after={"calendar": row.calendar, "day": row.day, **_hours(after)},
        topics=("plans",),
    )


def _hours(session: SessionValue | None) -> dict[str, object]:
    if session is None:
        return {"open_at": None, "close_at": None}
    return {"open_at": session.open_at, "close_at": session.close_at, "early": session.early}
