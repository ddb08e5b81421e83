"""The desk with a simulated gateway and a day to look at: ./desk demo."""

import os
import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.journal import clock
from apps.operators.actions.offer_entry import offer_entry
from apps.runbook.oneday import left_undone
from apps.runbook.pace import Player
from apps.runbook.processes.desk import never, run_desk
from apps.runbook.processes.refusals import REFUSALS

FASTEST = 1000


class Command(BaseCommand):
    help = "Start a complete desk on simulated money, load a trading day, and stay until Ctrl-C."
    # The settings are checked once the signing key is kept; a first start has none before.
    requires_system_checks = []
    undone: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--speed",
            type=int,
            default=0,
            metavar="N",
            help="let a whole session play by itself, N times as fast where nothing happens",
        )
        parser.add_argument(
            "--once", action="store_true", help="with --speed: stop when the day is over; non-zero if undone"
        )

    def handle(self, **options: Any) -> None:
        if not 0 <= options["speed"] <= FASTEST:
            raise CommandError(f"--speed takes 1 to {FASTEST}.")
        settings.DEMO_SPEED = options["speed"]
        os.environ["TRADINGDESK_DEMO_SPEED"] = str(settings.DEMO_SPEED)
        if settings.MODE != "sim":
            raise CommandError(
                f"The demo runs on simulated money only, and TRADINGDESK_MODE is {settings.MODE}."
            )
        self.began = time.monotonic()
        self.say("Starting the demo: simulated money, nothing leaves this machine.")
        try:
            until = self.day_of_its_own(once=options["once"]) if settings.DEMO_SPEED else never
            run_desk(word="demo", demo=True, say=self.say, greeting=self.greeting, until=until)
        except REFUSALS as refusal:
            raise CommandError(str(refusal)) from None
        if options["once"] and self.undone:
            raise CommandError("Left undone:\n" + "\n".join(f"  {one}" for one in self.undone))

    def day_of_its_own(self, *, once: bool) -> Callable[[], bool]:
        """What the supervisor asks ten times a second: whether the day has played to its end."""
        player, over = Player(speed=settings.DEMO_SPEED, say=self.say), False

        def look() -> bool:
            nonlocal over
            if not over and player.look():
                over, self.undone = True, left_undone(clock.now())
                self.say(f"  The day is over after {time.monotonic() - self.began:.0f} s.")
            return over and once

        return look

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
