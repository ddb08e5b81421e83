"""The exchange by whose clock the desk lives: its day as a span of time, and what that is called."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

EXCHANGE_CITY, EXCHANGE_ZONE = "New York", "America/New_York"
ZONE = ZoneInfo(EXCHANGE_ZONE)


def span_of(day: date) -> tuple[datetime, datetime]:
    """From midnight to midnight at the exchange."""
    start = datetime.combine(day, time(0), ZONE)
    return start, datetime.combine(day + timedelta(days=1), time(0), ZONE)


def day_title(day: date) -> str:
    return f"{day:%a} {day.day} {day:%b}"
