"""Write the session table anew from the exchange_calendars package (a development dependency)."""

from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

import yaml
from django.core.management.base import BaseCommand, CommandParser

from apps.simgateway.data.loading import DATA

CALENDARS = ("XNYS", "XLON", "XETR", "CMES", "XCBF", "XEUR")
HEADER = "# Trading days of each calendar. Written by `manage.py sim_calendars`; do not edit by hand.\n"


def calendar_table(name: str, first: str, last: str) -> dict[str, Any]:
    """Usual hours, weekdays without a session, and the days whose hours are not the usual ones."""
    import exchange_calendars

    calendar = exchange_calendars.get_calendar(name, start=first, end=last)
    rows = [
        _row(day.date(), opening, closing, zone=calendar.tz) for day, opening, closing in _schedule(calendar)
    ]
    usual = Counter(hours for _, hours in rows).most_common(1)[0][0]
    open_, close, offset = usual
    traded = {day for day, _ in rows}
    start, end = rows[0][0], rows[-1][0]
    span = (start + timedelta(days=n) for n in range((end - start).days + 1))
    return {
        "first": first,
        "last": last,
        "open": open_,
        "close": close,
        "open_offset": offset,
        "holidays": [day.isoformat() for day in span if day.weekday() < 5 and day not in traded],
        "special": {
            day.isoformat(): {"open": hours[0], "close": hours[1], "open_offset": hours[2]}
            for day, hours in rows
            if hours != usual
        },
    }


def _schedule(calendar: Any) -> Any:
    schedule = calendar.schedule
    return zip(schedule.index, schedule["open"], schedule["close"], strict=True)


def _row(day: Any, opening: Any, closing: Any, *, zone: Any) -> tuple[Any, tuple[str, str, int]]:
    local_open, local_close = opening.tz_convert(zone), closing.tz_convert(zone)
    offset = (local_open.date() - day).days
    return day, (f"{local_open:%H:%M}", f"{local_close:%H:%M}", offset)


class Command(BaseCommand):
    help = "Rewrite apps/simgateway/data/sessions.yaml from exchange_calendars."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--first", default="2024-01-01")
        parser.add_argument("--last", default="2028-12-31")
        parser.add_argument("--out", type=Path, default=DATA / "sessions.yaml")

    def handle(self, *args: Any, **options: Any) -> None:
        table = {name: calendar_table(name, options["first"], options["last"]) for name in CALENDARS}
        text = yaml.safe_dump(table, sort_keys=False, default_flow_style=None, width=110)
        options["out"].write_text(HEADER + text, encoding="utf-8")
        self.stdout.write(
            f"{options['out']}: {len(table)} calendars, {options['first']} to {options['last']}"
        )
