"""Fill the table of sessions from the exchange calendars: ./desk refresh-calendars [XNYS …]."""

import warnings
from argparse import ArgumentParser
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.journal import clock
from apps.market.actions.save_sessions import SessionTold, save_sessions

CALENDARS = ("XNYS", "XLON", "XETR", "CMES", "XCBF", "XEUR")
BACK, AHEAD = timedelta(days=60), timedelta(days=400)


class Command(BaseCommand):
    help = (
        "Write the trading sessions of each calendar, half days included; sessions that vanished are removed."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("calendars", nargs="*", default=list(CALENDARS))

    def handle(self, *, calendars: list[str], **_options: Any) -> None:
        refresh(calendars, self.stdout.write)


def refresh(calendars: Iterable[str], say: Callable[[str], Any]) -> None:
    """Two months back and a year ahead of the desk's clock."""
    today = clock.now().date()
    for name in calendars:
        told = sessions_of(name, first=today - BACK, last=today + AHEAD)
        changed = save_sessions(name, told)
        say(f"{name}: {len(told)} sessions to {told[-1].day}, {changed} changed")


def sessions_of(name: str, *, first: date, last: date) -> list[SessionTold]:
    """What the library knows of a calendar between two days, as far as it reaches."""
    # imported here and nowhere else: it takes a second and 60 MB
    import exchange_calendars

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the library has some about its own use of pandas
        try:
            calendar = exchange_calendars.get_calendar(name)
        except exchange_calendars.errors.InvalidCalendarName:
            raise CommandError(f"There is no calendar {name!r}; known are {', '.join(CALENDARS)}.") from None
        early = {day.date() for day in calendar.early_closes}
        rows = [(day.date(), row) for day, row in calendar.schedule.iterrows()]
    return [
        SessionTold(day, row.open.to_pydatetime(), row.close.to_pydatetime(), day in early)
        for day, row in rows
        if first <= day <= last
    ]
