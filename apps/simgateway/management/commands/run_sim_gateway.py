"""Start the simulated gateway."""

import argparse
import asyncio
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.simgateway.clock import Standing, read_instant, read_standing, wall_now
from apps.simgateway.data.loading import DataError
from apps.simgateway.doorfile import control_folder
from apps.simgateway.running import Options, serve


class Command(BaseCommand):
    help = "Start a simulated IB Gateway that API clients connect to."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        for name, (how, says) in _OPTIONS.items():
            parser.add_argument(f"--{name}", help=says, **how)
        parser.add_argument(
            "--switch",
            action="append",
            default=[],
            metavar="NAME=VALUE",
            help="turn a switch; may be repeated",
        )

    def handle(self, *args: Any, **given: Any) -> None:
        switches = dict(_pair(text) for text in given["switch"])
        chosen = {name: given[name] for name in _OPTIONS if name != "clock"}
        if given["clock"]:
            chosen |= asdict(_standing_by(given["clock"]))
        options = Options(**chosen, switches=switches, control_folder=control_folder())
        try:
            asyncio.run(serve(options, self._say))
        except (OSError, ValueError, DataError) as error:
            raise CommandError(str(error)) from error

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()


def _instant(text: str) -> int:
    try:
        return read_instant(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _standing_by(clock: Path) -> Standing:
    try:
        return read_standing(clock.read_text(), wall_now())
    except (OSError, ValueError) as wrong:
        raise CommandError(
            f"--clock {clock}: {wrong}; it holds a line such as 2026-11-18T14:36:00+00:00@1795000000.0x60, "
            "or several of them with semicolons between"
        ) from None


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise CommandError(f"--switch {text}: write NAME=VALUE")
    return name, value


_OPTIONS: dict[str, tuple[dict[str, Any], str]] = {
    "host": ({"default": "127.0.0.1"}, "address to listen on; the loopback unless you mean otherwise"),
    "port": ({"type": int, "default": 4002}, "0 takes any free port"),
    "seed": ({"type": int, "default": 1}, "the same seed gives the same prices"),
    "accounts": ({"type": int, "default": 1}, "how many accounts; with several, orders must name one"),
    "book": ({"type": Path, "metavar": "FILE"}, "accounts of your own, written as the data's accounts.yaml"),
    "start": ({"type": _instant}, "where its clock starts, for example '2026-11-20T09:25 US/Eastern'"),
    "clock": ({"type": Path, "metavar": "FILE"}, "stand by this clock instead: a line INSTANT@WALLxSPEED"),
    "speed": ({"type": float, "default": 1.0}, "how fast its clock runs; 390 plays a session in a minute"),
    "paused": ({"action": "store_true"}, "the clock stands still until it is stepped"),
    "state": ({"type": Path, "metavar": "DIR"}, "orders, ids and positions survive a restart here"),
    "ledger": ({"type": Path, "metavar": "FILE"}, "where to write what happens; with --state, beside it"),
    "scenario": ({"default": ""}, "a scenario by name, or a file of its own ending in .txt"),
    "control": ({"type": int, "metavar": "PORT"}, "open the control door on this loopback port; 0 for any"),
}
