"""Which days contracts end on: one small rule per kind of contract."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from itertools import islice

from apps.simgateway.exchange.sessions import ONE_DAY, Sessions

QUARTER_MONTHS = (3, 6, 9, 12)
Rule = Callable[[date, str, Sessions], Iterator[date]]


def nth_weekday(year: int, month: int, weekday: int, *, nth: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (nth - 1))


def months_from(day: date) -> Iterator[tuple[int, int]]:
    year, month = day.year, day.month
    while True:
        yield year, month
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)


def on_or_before(day: date, hours: str, sessions: Sessions) -> date:
    """The day itself when it has a session, else the last session before it."""
    return day if sessions.session(hours, day) else sessions.preceding(hours, day).day


def sessions_before(day: date, count: int, *, hours: str, sessions: Sessions) -> date:
    for _ in range(count):
        day = sessions.preceding(hours, day).day
    return day


def daily(today: date, hours: str, sessions: Sessions) -> Iterator[date]:
    day = today
    while True:
        if sessions.session(hours, day):
            yield day
        day += ONE_DAY


def weekly(today: date, hours: str, sessions: Sessions) -> Iterator[date]:
    friday = today + timedelta(days=(4 - today.weekday()) % 7)
    while True:
        last = on_or_before(friday, hours, sessions)
        if last >= today:
            yield last
        friday += timedelta(days=7)


def monthly(today: date, hours: str, sessions: Sessions) -> Iterator[date]:
    for year, month in months_from(today):
        last = on_or_before(nth_weekday(year, month, 4, nth=3), hours, sessions)
        if last >= today:
            yield last


def quarterly(today: date, hours: str, sessions: Sessions) -> Iterator[date]:
    return (day for day in monthly(today, hours, sessions) if day.month in QUARTER_MONTHS)


def currency_quarterly(today: date, hours: str, sessions: Sessions) -> Iterator[date]:
    """Two sessions before the third Wednesday."""
    for year, month in months_from(today):
        wednesday = nth_weekday(year, month, 2, nth=3)
        last = sessions_before(wednesday, 2, hours=hours, sessions=sessions)
        if month in QUARTER_MONTHS and last >= today:
            yield last


def volatility_monthly(today: date, hours: str, sessions: Sessions) -> Iterator[date]:
    """Thirty days before the third Friday of the month after."""
    for year, month in months_from(today):
        later_year, later_month = (year, month + 1) if month < 12 else (year + 1, 1)
        friday = on_or_before(nth_weekday(later_year, later_month, 4, nth=3), hours, sessions)
        last = on_or_before(friday - timedelta(days=30), hours, sessions)
        if last >= today:
            yield last


def bond_quarterly(today: date, hours: str, sessions: Sessions) -> Iterator[date]:
    """Two sessions before the delivery day, the tenth of the month or the session after it."""
    for year, month in months_from(today):
        delivery = date(year, month, 10)
        while not sessions.session(hours, delivery):
            delivery += ONE_DAY
        last = sessions_before(delivery, 2, hours=hours, sessions=sessions)
        if month in QUARTER_MONTHS and last >= today:
            yield last


RULES: dict[str, Rule] = {
    "daily": daily,
    "weekly": weekly,
    "monthly": monthly,
    "quarterly": quarterly,
    "currency_quarterly": currency_quarterly,
    "volatility_monthly": volatility_monthly,
    "bond_quarterly": bond_quarterly,
}


def expiries(cycles: dict[str, int], today: date, *, hours: str, sessions: Sessions) -> list[date]:
    """The next so many days of each rule, together, in order."""
    days: set[date] = set()
    for name, count in cycles.items():
        days.update(islice(RULES[name](today, hours, sessions), count))
    return sorted(days)


def is_expiry(cycles: dict[str, int], day: date, *, hours: str, sessions: Sessions) -> bool:
    """Could a contract of these cycles end that day?"""
    return any(next(RULES[name](day, hours, sessions)) == day for name in cycles)
