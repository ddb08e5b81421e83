"""`check_invariants`: look once at everything that can never happen; fails when it has."""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from apps.journal import clock
from apps.runbook.invariants import CHECKS, broken_invariants


class Command(BaseCommand):
    help = "Check the twelve invariants against the tables."

    def handle(self, **options: Any) -> None:
        broken = broken_invariants(clock.now())
        for one in broken:
            self.stdout.write(str(one))
        if broken:
            sys.exit(1)
        self.stdout.write(f"{', '.join(CHECKS)} hold.")
