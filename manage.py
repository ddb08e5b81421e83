#!/usr/bin/env python
"""The door to everything behind ./desk."""

import os
import sys
from pathlib import Path

SIMULATOR = Path(__file__).resolve().parent / "apps" / "simgateway" / "management" / "commands"


def settings_for(command: str) -> str:
    """The simulator is its own program: it starts without the desk's apps, settings and database."""
    own = command.isidentifier() and (SIMULATOR / f"{command}.py").is_file()
    return "tradingdesk.gateway_settings" if own else "tradingdesk.settings"


def remedy_for(failed: BaseException) -> str:
    """What to do about a database that cannot be reached or lacks tables; empty for anything else."""
    state = getattr(failed.__cause__, "sqlstate", "")
    if state and _tables_wait():
        return (
            "The database has not all tables of this desk yet: ./desk migrate makes them, ./desk up and "
            "./desk demo do so too. Where one of them starts just now, wait until it says that it is open."
        )
    if state is None and "connection" in str(failed):
        told = " ".join(str(failed).split())
        start = "./desk up or ./desk demo start it with the desk, ./desk database start alone"
        return f"The database does not answer: {told}\n{start}; ./desk doctor looks further."
    return ""


def _tables_wait() -> bool:
    from django.db import DatabaseError, connection

    from apps.runbook.database.tables import migrations_waiting

    connection.close()  # what failed may have left a transaction behind
    try:
        return migrations_waiting() > 0
    except DatabaseError:
        return False


def main() -> None:
    command = sys.argv[1] if len(sys.argv) > 1 else "help"
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", settings_for(command))
    from django.core.management import execute_from_command_line
    from django.db import DatabaseError

    try:
        execute_from_command_line(sys.argv)
    except DatabaseError as failed:
        remedy = "" if "--traceback" in sys.argv else remedy_for(failed)
        if not remedy:
            raise
        sys.exit(remedy)


if __name__ == "__main__":
    main()
