"""Compare the broker's hours of a contract with the calendar; a difference is told once for each day."""

from datetime import date

from django.db import transaction

from apps.journal.actions.write_entry import write_entry
from apps.journal.models import Entry
from apps.journal.ports import Actor, Subject
from apps.market.models import Contract
from apps.market.models import Session as SessionRow
from apps.market.queries import sessions_between
from tradingdesk.domain.market import Session
from tradingdesk.domain.market.brokerhours import differing_hours, told_hours
from tradingdesk.domain.money import Reason

LINK = Actor("link", "link")
VERB = "hours_differ"
SHARES = "STK"  # what trades through the night has hours of another kind


@transaction.atomic
def check_hours(contract: Contract, text: str, zone: str) -> list[tuple[date, Reason]]:
    """What differs, told before or not. The calendar stands until a person sets other hours for the day."""
    told = told_hours(text, zone) if contract.sec_type == SHARES else {}
    if not told:
        return []
    ours = sessions_between(contract.calendar, min(told), max(told))
    if not ours:
        return []  # a calendar that is not kept says nothing
    reach = ours[-1].day
    known = {day: hours for day, hours in told.items() if day <= reach}
    found = list(differing_hours(known, {row.day: _value(row) for row in ours}))
    for day, reason in found:
        _tell(contract, day, reason)
    return found


def _value(row: SessionRow) -> Session:
    return Session(row.calendar, row.day, row.open_at, row.close_at, row.early)


def _tell(contract: Contract, day: date, reason: Reason) -> None:
    subject = Subject("market.session", f"{contract.calendar}:{day}")
    lines = Entry.objects.filter(verb=VERB, subject_kind=subject.kind, subject_id=subject.id)
    last = lines.order_by("-pk").values_list("reason", flat=True).first()
    if last == reason.text:
        return
    write_entry(
        VERB,
        subject=subject,
        actor=LINK,
        reason_code=reason.code,
        reason=reason.text,
        after={"calendar": contract.calendar, "day": day, "seen_on": contract.symbol},
        topics=("alerts", "plans"),
    )
