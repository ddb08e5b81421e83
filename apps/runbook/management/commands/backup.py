"""Take a backup now, or see that the newest can be restored: ./desk backup [--restore-test] [--list]."""

from argparse import ArgumentParser
from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.runbook.database.backups import BackupFailed, backups, folder, take_backup, try_restore


class Command(BaseCommand):
    help = "Back up the database into a file, or restore the newest backup into a scratch database."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--list", action="store_true", help="what is kept, oldest first")
        parser.add_argument(
            "--restore-test",
            action="store_true",
            help="restore the newest into a scratch database and drop it",
        )

    def handle(self, *, restore_test: bool, **options: Any) -> None:
        try:
            if options["list"]:
                self.list()
            elif restore_test:
                self.restore()
            else:
                taken = take_backup(datetime.now(UTC))
                self.stdout.write(f"{taken.path}  {taken.size:,} bytes")
        except BackupFailed as failed:
            raise CommandError(str(failed)) from None

    def list(self) -> None:
        for kept in backups():
            self.stdout.write(f"{kept.taken_at:%Y-%m-%d %H:%M} UTC  {kept.size:>12,}  {kept.path}")
        if not backups():
            self.stdout.write(f"No backup in {folder()} yet.")

    def restore(self) -> None:
        if not backups():
            raise CommandError(f"There is no backup in {folder()}: ./desk backup takes one.")
        newest = backups()[-1]
        self.stdout.write(f"{newest.path.name}: {try_restore(newest)}")
