"""One trading day from a terminal: what of it has happened, whether it is over, and what was left undone."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from apps.desks.queries import enabled_accounts
from apps.market.ports import CALENDAR
from apps.runbook.models import DayStep
from apps.runbook.queries import broken_promises
from apps.runbook.situation import session_of_day, session_value, trading_day
from apps.tickets.models import Ticket
from tradingdesk.domain.tickets.states import State

NEW_YORK = ZoneInfo("America/New_York")
LATE = timedelta(minutes=10)  # after the last deadline nobody waits for a worker that is gone


@dataclass(slots=True)
class Teller:
    """Says of each step how it ended, once."""

    say: Callable[[str], None]
    told: set[int] = field(default_factory=set)

    def look(self, now: datetime) -> None:
        for row in steps_today(now):
            if row.outcome and row.pk not in self.told:
                self.told.add(row.pk)
                self.say(f"  {told_line(row)}")


def told_line(row: DayStep) -> str:
    at = (row.ended_at or row.due_at).astimezone(NEW_YORK)
    whose = f" of {row.strategy.name}" if row.strategy else ""
    return f"{at:%H:%M:%S}  {row.name}{whose}: {row.outcome}. {row.told}".rstrip()


def steps_today(now: datetime) -> Iterator[DayStep]:
    for account in enabled_accounts():
        rows = DayStep.objects.filter(account=account, session_date=trading_day(now), kind=DayStep.STEP)
        yield from rows.select_related("strategy", "account").order_by("due_at", "pk")


def day_is_over(now: datetime) -> bool:
    """Each row has its outcome, or its last deadline is past; without a session nothing is waited for."""
    if closed_line(now):
        return True
    rows = list(steps_today(now))
    late = bool(rows) and now > max(row.deadline for row in rows) + LATE
    return bool(rows) and (late or all(row.outcome for row in rows))


def left_undone(now: datetime) -> list[str]:
    """What an operator must look at: steps missed, failed or open, unknown orders, broken promises."""
    closed = closed_line(now)
    rows = [] if closed else list(steps_today(now))
    told = [
        told_line(row) if row.outcome else f"{row}: not ended, due {row.due_at.astimezone(NEW_YORK):%H:%M}"
        for row in rows
        if row.outcome in ("", "missed", "failed")
    ]
    unknown = Ticket.objects.filter(state=State.UNKNOWN.value).values_list("key", flat=True)
    told += [f"order {key}: nobody knows what became of it" for key in unknown]
    told += [f"invariant {text}" for text in broken_promises()]
    return told if rows or closed else [*told, "the day has no timetable: no worker has laid it"]


def closed_line(now: datetime) -> str:
    """Of a day without a session: that it is one, and when the next begins. Empty on any other."""
    today = trading_day(now)
    if session_of_day(CALENDAR, today) is not None:
        return ""
    coming = session_value(CALENDAR, now)
    opens = f"; the next one opens {coming.open_at.astimezone(NEW_YORK):%a %d %b %H:%M %Z}" if coming else ""
    return f"No session on {today:%a %d %b}{opens}."
