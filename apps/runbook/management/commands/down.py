"""Stop the desk that runs in this home: ./desk down."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.runbook.processes.desk import desk_lock
from apps.runbook.processes.lock import stop_holder


class Command(BaseCommand):
    help = "Stop the desk's processes. This is not the kill switch: orders at the broker stay as they are."
    requires_system_checks = []

    def handle(self, **_options: Any) -> None:
        holder = stop_holder(desk_lock().path)
        if holder is None:
            self.stdout.write("No desk is running here.")
        elif holder.alive():
            raise CommandError(f"The desk (pid {holder.pid}) does not stop.")
        else:
            self.stdout.write("The desk has stopped. Orders at the broker stay as they are.")
