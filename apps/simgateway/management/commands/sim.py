"""Speak to a running simulated gateway, play a recorded day again, or measure."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.simgateway.bench import bench, report
from apps.simgateway.doorfile import DoorClosed, ask_door, find_door
from apps.simgateway.phrases import turn_of
from apps.simgateway.record import read_ledger
from apps.simgateway.replay import replay

_EXAMPLES = """
examples:
  manage.py sim status
  manage.py sim fault hold message=openOrder,orderStatus ref=T-7
  manage.py sim release
  manage.py sim quote AAPL bid=100.00 ask=100.02
  manage.py sim clock step 5min
  manage.py sim link 1100
  manage.py sim ledger kind=execution limit=20
  manage.py sim replay FILE
  manage.py sim bench
"""


class Command(BaseCommand):
    help = "Turn or read a running simulated gateway; replay a ledger; bench." + _EXAMPLES
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("verb")
        parser.add_argument("words", nargs="*", help="plain words and name=value")
        parser.add_argument("--control", type=int, metavar="PORT", help="which door, when several are open")
        parser.add_argument("--orders", type=int, default=2_000, help="bench: how many orders one by one")
        parser.add_argument("--many", type=int, default=0, help="bench: how many more for the memory")

    def handle(self, *args: Any, **given: Any) -> None:
        verb, words = given["verb"], given["words"]
        if verb == "replay":
            self._replay(words)
        elif verb == "bench":
            self.stdout.write(report(bench(given["orders"], many=given["many"])))
        else:
            self._turn(verb, words, given["control"])

    def _turn(self, verb: str, words: list[str], port: int | None) -> None:
        try:
            turn = turn_of(verb, words)
            answer = ask_door(find_door(port), turn.verb, turn.args)
        except (DoorClosed, ValueError) as error:
            raise CommandError(str(error)) from error
        for line in _lines(answer):
            self.stdout.write(line)

    def _replay(self, words: list[str]) -> None:
        if len(words) != 1 or not Path(words[0]).is_file():
            raise CommandError("replay needs the file of a ledger: manage.py sim replay FILE")
        try:
            outcome = replay(read_ledger(Path(words[0])))
        except ValueError as error:
            raise CommandError(str(error)) from error
        if outcome.difference:
            raise CommandError(f"not the same: {outcome.difference}")
        self.stdout.write(f"The same: {outcome.inputs} inputs gave the same {outcome.outputs} outputs.")


def _lines(answer: dict[str, Any]) -> list[str]:
    """A list is one line for each; anything else is one line for each name."""
    rows = next(iter(answer.values())) if len(answer) == 1 else None
    if isinstance(rows, list):
        return [json.dumps(row, default=str) for row in rows] or ["nothing"]
    return [f"{name}: {value}" for name, value in answer.items()]
