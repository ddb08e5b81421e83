"""Print a way into a simulated desk: ./desk entry."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from apps.operators.actions.offer_entry import offer_entry
from apps.operators.ports import NEWCOMER, EntryRefused


class Command(BaseCommand):
    help = "Make a fresh password and a link that works once; every earlier one stops working."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("who", nargs="?", default=NEWCOMER, help="demo, trader, risk, admin or viewer")

    def handle(self, *, who: str, **_options: Any) -> None:
        try:
            entry = offer_entry(who)
        except EntryRefused as refusal:
            raise CommandError(str(refusal)) from None
        self.stdout.write(f"{settings.PUBLIC_URL}{entry.path}")
        self.stdout.write(f"or as {entry.username} with the password {entry.password}")
