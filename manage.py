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


def main() -> None:
    command = sys.argv[1] if len(sys.argv) > 1 else "help"
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", settings_for(command))
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
