"""The broker's own hours of a contract, beside the calendar's: a second opinion that decides nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from tradingdesk.domain.market.sessions import Session
from tradingdesk.domain.market.timetable import hours_problem
from tradingdesk.domain.money import Reason

CLOSED = "CLOSED"


@dataclass(frozen=True, slots=True)
class Hours:
    """From the first opening to the last close of a day."""

    open_at: datetime
    close_at: datetime


def told_hours(text: str, zone: str) -> dict[date, Hours | None]:
    """`20261127:0930-20261127:1300;20261128:CLOSED`. None is a day without trading.

    A part that is neither says nothing about its day, and a zone that is none about any.
    """
    try:
        at = ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError):
        return {}
    found: dict[date, Hours | None] = {}
    for part in text.split(";"):
        if part.endswith(f":{CLOSED}"):
            shut = _moment(part.removesuffix(f":{CLOSED}"), "%Y%m%d", at)
            if shut is not None:
                found.setdefault(shut.date(), None)
            continue
        first, _, last = part.partition("-")
        opened, closed = _moment(first, "%Y%m%d:%H%M", at), _moment(last, "%Y%m%d:%H%M", at)
        if opened is not None and closed is not None and opened < closed:
            known = found.get(closed.date()) or Hours(opened, closed)
            found[closed.date()] = Hours(min(opened, known.open_at), max(closed, known.close_at))
    return found


def _moment(text: str, form: str, zone: ZoneInfo) -> datetime | None:
    try:
        return datetime.strptime(text.strip(), form).replace(tzinfo=zone)
    except ValueError:
        return None


def differing_hours(
    told: Mapping[date, Hours | None], ours: Mapping[date, Session]
) -> Iterator[tuple[date, Reason]]:
    """Only days of which the broker says something."""
    for day, hours in sorted(told.items()):
        session = ours.get(day)
        if session is None and hours is not None:
            text = f"calendar closed, broker {hours.open_at:%H:%M}–{hours.close_at:%H:%M} of its zone"
            yield day, Reason("HOURS_DIFFER", text)
        elif session is not None:
            span = (hours.open_at.astimezone(UTC), hours.close_at.astimezone(UTC)) if hours else None
            problem = hours_problem(session, span)
            if problem is not None:
                yield day, problem
