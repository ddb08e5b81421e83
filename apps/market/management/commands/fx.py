"""Rates from a second source: ./desk fx FILE."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.desks.models import Account
from apps.journal.ports import Actor
from apps.market.intake.rates_file import RatesRefused, import_rates

LONGEST = 20_000_000  # the ECB's whole history is a tenth of it


class Command(BaseCommand):
    help = "Take in exchange rates from a file: the ECB's, or a table of currency, base, rate and date."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--source", default="file", help="how this source is called on screens")

    def handle(self, *, file: Path, source: str, **_options: Any) -> None:
        bases = set(Account.objects.values_list("base_currency", flat=True))
        if not bases:
            raise CommandError("No account is kept yet, so nobody needs a rate.")
        try:
            if file.stat().st_size > LONGEST:
                raise CommandError(f"{file} is too large for a file of rates.")
            text = file.read_text(encoding="utf-8")
            kept = import_rates(
                text, source=source[:20], bases=bases, actor=Actor("system", "terminal"), name=file.name
            )
        except (OSError, UnicodeDecodeError) as unread:
            raise CommandError(f"{file} cannot be read: {unread}") from unread
        except RatesRefused as refused:
            raise CommandError(f"{refused.code}: {refused}") from refused
        into = ", ".join(sorted(bases))
        self.stdout.write(f"{kept} rates into {into} from {source}; the gateway's own go first.")
