"""The desk with a simulated gateway and a day to look at: ./desk demo."""

import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from apps.operators.actions.offer_entry import offer_entry
from apps.runbook.processes.desk import run_desk
from apps.runbook.processes.refusals import REFUSALS


class Command(BaseCommand):
    help = "Start a complete desk on simulated money, load a trading day, and stay until Ctrl-C."
    # The settings are checked once the signing key is kept; a first start has none before.
    requires_system_checks = []

    def handle(self, **_options: Any) -> None:
        if settings.MODE != "sim":
            raise CommandError(
                f"The demo runs on simulated money only, and TRADINGDESK_MODE is {settings.MODE}."
            )
        self.began = time.monotonic()
        self.say("Starting the demo: simulated money, nothing leaves this machine.")
        try:
            run_desk(word="demo", demo=True, say=self.say, greeting=self.greeting)
        except REFUSALS as refusal:
            raise CommandError(str(refusal)) from None

    def say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()

    def greeting(self) -> list[str]:
        entry = offer_entry()
        return [
            "",
            f"  The desk is at {settings.PUBLIC_URL}  ({time.monotonic() - self.began:.0f} s)",
            f"  Enter once without a password: {settings.PUBLIC_URL}{entry.path}",
            f"  or log in as {entry.username} with the password {entry.password}",
            "  Others, for a second person or another role: ./desk entry trader|risk|admin|viewer",
            "  Ctrl-C stops every process.",
            "",
        ]
