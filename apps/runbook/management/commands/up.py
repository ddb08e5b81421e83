"""The desk in the foreground: ./desk up, and with a mode ./desk paper and ./desk live."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from apps.operators.queries import has_admin
from apps.runbook.processes.desk import run_desk
from apps.runbook.processes.refusals import REFUSALS


class Command(BaseCommand):
    help = "Start every process of the desk and stay until Ctrl-C."
    # The settings are checked once the signing key is kept; a first start has none before.
    requires_system_checks = []

    def handle(self, **_options: Any) -> None:
        self.stdout.write(f"Starting the desk ({settings.MODE}); logs are in {settings.HOME / 'log'}")
        try:
            run_desk(word="up", demo=False, say=self.say, greeting=self.greeting)
        except REFUSALS as refusal:
            raise CommandError(str(refusal)) from None

    def say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()

    def greeting(self) -> list[str]:
        told = ["", f"  The desk is at {settings.PUBLIC_URL}"]
        if not has_admin():
            told.append(
                "  Nobody can come in yet: ./desk person make NAME --role admin prints a link for you."
            )
        return [*told, "  Ctrl-C stops every process.", ""]
