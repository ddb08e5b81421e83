"""What the reports are asked with and refuse with."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("America/New_York")


def span_of(day: date) -> tuple[datetime, datetime]:
    """From midnight to midnight at the exchange."""
    return datetime.combine(day, time(0), ZONE), datetime.combine(day + timedelta(days=1), time(0), ZONE)


class ReportRefused(Exception):
    """A report that is not re-issued or signed, with the reason code."""

    def __init__(self, code: str, text: str) -> None:
        self.code = code
        super().__init__(text)


@dataclass(frozen=True, slots=True, kw_only=True)
class StepTold:
    """One step of the session's timetable and what became of it, as whoever conducts the day saw it."""

    name: str
    due_at: datetime | None
    outcome: str  # done, nothing to do, skipped, missed, failed, or planned
    ended_at: datetime | None = None
    told: str = ""
