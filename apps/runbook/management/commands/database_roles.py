"""Give each process a database login of its own: ./desk database-roles FOLDER."""

import os
import secrets
from argparse import ArgumentParser
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from django.core.management.base import BaseCommand
from django.db import connection

from apps.runbook.database.roles import ROLES, make_roles, name_of
from apps.runbook.management.commands.make_keys import keep


class Command(BaseCommand):
    help = "Make the roles web, worker, link and report with their rights; keep their addresses in a folder."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path)

    def handle(self, *, folder: Path, **_options: Any) -> None:
        """Repeat it after each migration: rights on new tables are given then."""
        connection.ensure_connection()
        told = connection.settings_dict
        passwords = {}
        for role in ROLES:
            path = folder / f"database_url_{role.name}"
            if not path.exists():
                keep(path, _address(name_of(role, told["NAME"]), secrets.token_urlsafe(32), told))
            passwords[role.name] = urlsplit(path.read_text().strip()).password or ""
        for line in make_roles(connection.connection, passwords):
            self.stdout.write(line)


def _address(name: str, password: str, told: dict[str, Any]) -> str:
    """The owner's address with another name and password."""
    host, port = str(told["HOST"]), str(told.get("PORT") or "")
    if os.path.isabs(host):
        return f"postgresql://{name}:{password}@/{told['NAME']}?host={quote(host, safe='/')}"
    return f"postgresql://{name}:{password}@{host}{':' + port if port else ''}/{told['NAME']}"
