"""Before a containerised desk starts: its tables, and what a first start needs in its mode."""

from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand

from apps.runbook.processes.table import SIMULATED, gateway_listens
from apps.runbook.seed import stage


class Command(BaseCommand):
    help = (
        "Make or renew the tables. Simulated: set the clock of the demo's day. Else: set the desk up, once."
    )
    requires_system_checks = []

    def handle(self, **_options: Any) -> None:
        sets_the_clock = settings.MODE == SIMULATED and not gateway_listens()
        if sets_the_clock:
            stage.before_tables()
        call_command("migrate", interactive=False)
        if settings.MODE != SIMULATED:
            call_command("set_up_desk")
        if sets_the_clock:
            stage.prepare_gateway()
            self.stdout.write(f"The day's clock: {settings.CLOCK}")
