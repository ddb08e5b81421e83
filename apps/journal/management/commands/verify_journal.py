"""Walk the journal's chain and name the first row that is not as it was written."""

import sys
from argparse import ArgumentParser, ArgumentTypeError
from typing import Any

from django.core.management.base import BaseCommand

from apps.journal.queries import verify


def anchor(text: str) -> tuple[int, str]:
    """Read NUMBER:HASH, as this command and the daily report print it."""
    number, colon, digest = text.partition(":")
    if not (colon and number.isdigit() and len(digest) >= 12):
        raise ArgumentTypeError("write it as NUMBER:HASH, with at least twelve letters of the hash")
    return int(number), digest.lower()


class Command(BaseCommand):
    help = "Check that no journal row was edited, removed, added or moved."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--anchor", type=anchor, help="NUMBER:HASH that somebody kept elsewhere")

    def handle(self, **options: Any) -> None:
        result = verify(options["anchor"])
        if result.finding:
            self.stdout.write(f"row {result.finding.sequence}: {result.finding.code}: {result.finding.text}")
            self.stdout.write(f"{result.rows} rows before it are sound.")
            sys.exit(1)
        self.stdout.write(f"{result.rows} rows are sound. Head {result.last}:{result.last_hash}")
