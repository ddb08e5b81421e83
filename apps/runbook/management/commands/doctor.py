"""Look at this machine and this desk, and say what to do about each finding: ./desk doctor."""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from apps.runbook.doctor import desk, machine

EXAMINATIONS = (
    machine.python,
    machine.disk,
    machine.ports,
    desk.safe_settings,
    desk.database,
    machine.clock,
    desk.calendars,
    desk.gateway,
)
MARKS = {"ok": "✓", "look": "!", "bad": "✗"}


class Command(BaseCommand):
    help = "Examine python, disk, ports, settings, database, clock, calendars and gateway."
    requires_system_checks = []

    def handle(self, **_options: Any) -> None:
        found = [finding for examine in EXAMINATIONS for finding in examine()]
        for finding in found:
            self.stdout.write(f"{MARKS[finding.grade]} {finding.subject:<10} {finding.text}")
            if finding.remedy:
                self.stdout.write(f"  {'':<10} → {finding.remedy}")
        bad, seen = (sum(finding.grade == grade for finding in found) for grade in ("bad", "look"))
        noted = f", {seen} to be noted" if seen else ""
        self.stdout.write(f"{len(found)} looked at{noted}, {bad or 'nothing'} to be mended.")
        if bad:
            sys.exit(1)
