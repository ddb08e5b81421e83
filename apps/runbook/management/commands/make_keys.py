"""Make the secrets of a containerised desk, once: ./desk make-keys DIRECTORY."""

import os
import secrets
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = "Write secret_key, database_password and database_url into a folder; what is there stays."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path)
        parser.add_argument("--database-host", default="db")

    def handle(self, *, folder: Path, database_host: str, **_options: Any) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        keep(folder / "secret_key", secrets.token_urlsafe(50))
        password = keep(folder / "database_password", secrets.token_urlsafe(32))
        keep(folder / "database_url", f"postgresql://tradingdesk:{password}@{database_host}:5432/tradingdesk")


def keep(path: Path, value: str) -> str:
    """Write a secret that is not there yet, for its owner alone, and return the one that is there now."""
    if not path.exists():
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(value)
    return path.read_text().strip()
