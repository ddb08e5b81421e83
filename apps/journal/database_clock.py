"""The database's clock as the desk reads it: what a deadline of several processes is counted by.

Inside a statement it is an expression, so that the row is compared with the time at which it is changed, and
not with the time at which somebody asked for the change.
"""

import time
from datetime import UTC, datetime
from typing import Any

from django.db import connection
from django.db.models import DateTimeField, Func

from apps.journal.clock import line_at


class DatabaseNow(Func):
    """The present instant by the database's clock; a simulated day moves it like every other clock."""

    function = "clock_timestamp"
    output_field = DateTimeField()

    def as_sql(self, compiler: Any, connection: Any, **_extra: Any) -> tuple[str, Any]:  # type: ignore[override]
        line = line_at(time.time())
        if line is None:
            return "clock_timestamp()", ()
        moved = "(%s::timestamptz + (extract(epoch FROM clock_timestamp())::float8 - %s::float8)"
        return f"{moved} * %s::float8 * interval '1 second')", (line.desk, line.wall, line.speed)


def told_time() -> datetime:
    """The wall's time as the database tells it, whatever day is played."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        at: datetime = cursor.fetchone()[0]
    return at.astimezone(UTC)


def desk_time(told: datetime) -> datetime:
    """The desk's instant at that moment of the wall."""
    line = line_at(told.timestamp())
    return told if line is None else line.at(told.timestamp())


def database_now() -> datetime:
    """The desk's present instant by the database's clock."""
    return desk_time(told_time())
