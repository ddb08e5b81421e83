"""Today's line of events: what was planned, what happened, what comes next."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from apps.approvals.queries import decided_since
from apps.broker.queries import sent_between
from apps.dashboard.books import Books
from apps.dashboard.days import day_title, span_of
from apps.dashboard.templatetags.desk import whole
from apps.journal.queries import entries_between
from apps.market.ports import CALENDAR
from apps.market.queries import session_on
from apps.runbook.queries import steps_of_day

SHOWN = 14
LONGEST = 40
TITLES = {
    "submit": "Submit",
    "close out": "Close out",
    "clean up": "Verify flat",
    "report": "Report",
}
KINDS = {
    "done": "done",
    "nothing to do": "none",
    "skipped": "none",
    "missed": "late",
    "failed": "late",
}
TOLD = {"change_limits": "Limits changed", "set_stop": "Stop level set", "quarantine_file": "File refused"}


@dataclass(slots=True)
class Step:
    at: datetime
    title: str
    outcome: str = ""
    kind: str = "done"
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Today:
    title: str
    steps: list[Step]
    next: str = ""


def today_of(books: Books, coming: Any) -> Today:
    """`coming` is the session that is open, or else the next one."""
    is_today = coming is not None and coming.day == books.today
    session = coming if is_today else session_on(CALENDAR, books.today)
    if session is None:
        text = (
            f"The next one opens {coming.open_at:%a %d %b %H:%M} UTC." if coming else "No calendar is loaded."
        )
        return Today(day_title(books.today), [], text)
    steps = [*_happened(books), *_planned(books, session)]
    steps.sort(key=lambda step: step.at)
    coming_steps = [step for step in steps if step.kind == "todo"]
    if coming_steps:
        coming_steps[0].until = coming_steps[0].at
    first = next((step for step in steps if step.kind in ("running", "todo")), None)
    for step in steps:
        step.kind = "todo" if step.kind == "running" else step.kind
    if first is not None:
        first.kind = "todo now"
    title = day_title(books.today) + (", early close" if session.early else "")
    return Today(title, steps[-SHOWN:] if len(steps) > SHOWN else steps)


def _planned(books: Books, session: Any) -> list[Step]:
    lead = timedelta(minutes=float(books.limits["minutes_to_close"]))
    table = (
        (session.open_at, "New York opens"),
        (session.close_at - lead, "Last entry"),
        (session.close_at, "Close"),
    )
    steps = [Step(at, title, kind="done" if at <= books.now else "todo") for at, title in table]
    together: dict[tuple[str, datetime], list[Any]] = {}
    for row in steps_of_day(books.account, books.today):
        together.setdefault((row.name, row.due_at), []).append(row)
    return steps + [_timetabled(rows) for rows in together.values()]


def _timetabled(rows: list[Any]) -> Step:
    """One line for the strategies that have the same step at the same time; what went wrong leads."""
    first = rows[0]
    title = TITLES.get(first.name, first.name)
    ended = [row for row in rows if row.outcome]
    if len(ended) < len(rows):
        under_way = any(row.started_at for row in rows)
        return Step(first.due_at, title, "under way" if under_way else "", "running" if under_way else "todo")
    kind = next(one for one in ("late", "done", "none") if one in {KINDS[row.outcome] for row in ended})
    at = max(row.ended_at for row in ended) if kind == "late" else first.due_at
    return Step(at, title, _outcome(ended), kind)


def _outcome(rows: list[Any]) -> str:
    """What it says of itself when it is one; of several how many ended how."""
    busy = [row for row in rows if row.outcome != "nothing to do"]
    if len(busy) == 1:
        told = busy[0].told if busy[0].outcome == "done" else f"{busy[0].outcome}: {busy[0].told}"
        return told if len(told) <= LONGEST else f"{told[: LONGEST - 1]}…"
    counts = [(sum(row.outcome == one for row in rows), one) for one in KINDS]
    return ", ".join(f"{count} {one}" for count, one in counts if count)


def _happened(books: Books) -> list[Step]:
    start, end = span_of(books.today)
    steps = [
        Step(plan.received_at, f"Plan {plan.pk} received", plan.source, _plan_kind(plan))
        for plan in books.plans
    ]
    for request in decided_since(start):
        who = f", {request.decided_by}" if request.state in ("approved", "rejected") else ""
        kind = "done" if request.state == "approved" else "none"
        title = f"Plan {request.plan_id} {request.state}{who}"
        steps.append(Step(request.decided_at or start, title, whole(request.notional), kind))
    steps += _sent(start, end)
    for entry in entries_between(start, end, TOLD):
        steps.append(Step(entry.at, TOLD[entry.verb], entry.reason_code or entry.actor))
    return steps


def _plan_kind(plan: Any) -> str:
    return "none" if plan.state == "nothing" else "done"


def _sent(start: datetime, end: datetime) -> list[Step]:
    """Orders that left within a minute of each other are one event."""
    steps: list[tuple[Step, list[Any]]] = []
    for intent in sent_between(start, end):
        at = intent.sending_at or start
        if steps and at - steps[-1][0].at < timedelta(minutes=1):
            steps[-1][1].append(intent)
        else:
            closing = intent.ticket.role == "close"
            steps.append((Step(at, "Closes sent" if closing else "Brackets sent"), [intent]))
    for step, intents in steps:
        acked = sum(intent.acked_at is not None for intent in intents)
        step.outcome = f"{acked} of {len(intents)} acked"
        step.kind = "done" if acked == len(intents) else "late"
    return [step for step, _ in steps]
