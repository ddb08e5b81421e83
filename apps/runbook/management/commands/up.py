"""The desk in the foreground: ./desk up, and with a mode ./desk paper and ./desk live. With a file of one
trading day it stays until that day is over, and its exit code says whether anything was left undone."""

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.journal import clock
from apps.operators.queries import has_admin
from apps.runbook.dayfile import DayFileRefused, read_day_file
from apps.runbook.oneday import Teller, closed_line, day_is_over, left_undone
from apps.runbook.processes.desk import never, run_desk
from apps.runbook.processes.refusals import REFUSALS

LOOK_SECONDS = 2.0


class Command(BaseCommand):
    help = "Start every process of the desk and stay until Ctrl-C, or until the day of --config is over."
    # The settings are checked once the signing key is kept; a first start has none before.
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--config",
            type=Path,
            metavar="FILE",
            help="trade one day by this file; the exit code is not zero when anything was left undone",
        )

    def handle(self, **options: Any) -> None:
        config = options["config"]
        self.undone: list[str] | None = None
        if config is not None:
            self.read(config)
        self.stdout.write(f"Starting the desk ({settings.MODE}); logs are in {settings.HOME / 'log'}")
        try:
            run_desk(
                word="up",
                demo=False,
                say=self.say,
                greeting=self.greeting,
                until=self.day_is_over() if config else never,
                day_file=str(config.resolve()) if config else "",
                at_end=self.sum_up if config else lambda: None,
            )
        except REFUSALS as refusal:
            raise CommandError(str(refusal)) from None
        if config is not None and (self.undone is None or self.undone):
            told = self.undone or ["the day was never begun"]
            raise CommandError("Left undone:\n" + "\n".join(f"  {one}" for one in told))

    def read(self, config: Path) -> None:
        """Before anything is started: a file with a mistake starts nothing."""
        try:
            told = read_day_file(config, mode=settings.MODE)
        except DayFileRefused as refused:
            raise CommandError(str(refused)) from None
        if told.intake:
            os.environ["TRADINGDESK_INTAKE"] = told.intake

    def day_is_over(self) -> Callable[[], bool]:
        """What the supervisor asks ten times a second; the tables are asked every other second."""
        teller, looked_at = Teller(self.say), 0.0

        def look() -> bool:
            nonlocal looked_at
            if time.monotonic() - looked_at < LOOK_SECONDS:
                return False
            looked_at, now = time.monotonic(), clock.now()
            teller.look(now)
            return day_is_over(now)

        return look

    def sum_up(self) -> None:
        """Asked while the database still runs, however the day ended."""
        now = clock.now()
        self.undone = left_undone(now)
        if closed := closed_line(now):
            self.say(closed)
        self.say("Nothing was left undone." if not self.undone else f"{len(self.undone)} left undone.")

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
