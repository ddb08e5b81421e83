"""The exchange's day as a span of time, and what it is called."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from apps.dashboard.shell import EXCHANGE_ZONE

ZONE = ZoneInfo(EXCHANGE_ZONE)


def span_of(day: date) -> tuple[datetime, datetime]:
    """From midnight to midnight at the exchange."""
    start = datetime.combine(day, time(0), ZONE)
    return start, datetime.combine(day + timedelta(days=1), time(0), ZONE)


def day_title(day: date) -> str:
    return f"{day:%a} {day.day} {day:%b}"
