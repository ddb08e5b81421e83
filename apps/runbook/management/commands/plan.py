"""Plans from a terminal: ./desk plan submit FILE [--dry-run]."""

import sys
from argparse import ArgumentParser
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.desks.models import Phase
from apps.journal import clock
from apps.journal.ports import Actor
from apps.runbook.daily import FED_BY_FILES
from apps.runbook.intake import Preview, preview_file, refuse_unread, size_problem, take_file
from tradingdesk.domain.plans import Problem

TERMINAL = Actor("system", "terminal")  # whoever has a shell here is beyond roles


class Command(BaseCommand):
    help = "Hand in a plan's file, or see what would be sent. Neither speaks to the broker."

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        submit = verbs.add_parser("submit", help="take in a file")
        submit.add_argument("file", type=Path)
        submit.add_argument(
            "--dry-run", action="store_true", help="say what would be sent, and store nothing"
        )
        submit.add_argument("--strategy", default="")
        submit.add_argument("--account", default="")

    def handle(self, *, file: Path, dry_run: bool, **options: Any) -> None:
        phase = find_phase(options["strategy"], options["account"])
        door: dict[str, Any] = {"strategy": phase.strategy, "account": phase.account, "now": clock.now()}
        try:
            problem = size_problem(file.stat().st_size)
            data = b"" if problem else file.read_bytes()
        except OSError as trouble:
            raise CommandError(f"{file}: {trouble.strerror}") from None
        if problem is not None:
            self._refuse_size(file, problem, dry_run)
        elif dry_run:
            self._show(preview_file(data, file.name, **door))
        else:
            self._take(data, file.name, door)

    def _refuse_size(self, file: Path, problem: Problem, dry_run: bool) -> None:
        if not dry_run:
            refuse_unread(
                file.name,
                problem,
                size=file.stat().st_size,
                source="terminal",
                author="terminal",
                now=clock.now(),
                actor=TERMINAL,
            )
        self._tell([problem])
        sys.exit(1)

    def _show(self, preview: Preview) -> None:
        """Every order as it would be sent."""
        self._tell(preview.problems)
        for row in preview.lines:
            line = row.line
            if row.refused is not None:
                self.stdout.write(f"- {line.symbol}: {row.refused.text}")
                continue
            for bracket in row.brackets:
                entry = f"{bracket.side} {bracket.quantity:,f} LMT {_price(bracket.entry_price)}"
                exits = f"target {_price(bracket.target_price)}, stop {_price(bracket.stop_price)}"
                self.stdout.write(f"{line.symbol} {bracket.label}: {entry} → {exits}")
        if preview.known is not None:
            self.stdout.write(f"These bytes are plan {preview.known.pk} already; nothing would happen.")
        spent = f"{preview.exposure_after:,.2f} of {preview.exposure_limit:,.2f}"
        self.stdout.write(f"{preview.order_count} orders, exposure {spent}. Nothing was stored or sent.")
        if preview.quarantined:
            sys.exit(1)

    def _take(self, data: bytes, name: str, door: dict[str, Any]) -> None:
        taken = take_file(data, name, source="terminal", author="terminal", actor=TERMINAL, **door)
        self._tell(taken.problems)
        if taken.plan is None:
            self.stdout.write("The file is in quarantine; nothing of it is used.")
            sys.exit(1)
        said = "is in" if taken.new else "was in already; nothing was changed"
        self.stdout.write(f"Plan {taken.plan.pk} {said}.")

    def _tell(self, problems: Any) -> None:
        for one in problems:
            where = f"line {one.line}, {one.column}: {one.value!r}" if one.line else one.value
            self.stderr.write(f"! {one.code} {where}; {one.remedy}")


def _price(price: Decimal) -> str:
    """With two places at least: 104.0 is read as 104.00."""
    return f"{price:,f}" if -int(price.as_tuple().exponent) > 2 else f"{price:,.2f}"


def find_phase(strategy: str, account: str) -> Phase:
    """The one strategy on the one account that is meant; the account by its code, or as screens mask it."""
    rows = Phase.objects.filter(strategy__system=FED_BY_FILES, account__enabled=True)
    known = list(rows.select_related("strategy", "account"))
    found = [
        row
        for row in known
        if strategy in ("", row.strategy.name) and account in ("", row.account.code, row.account.masked())
    ]
    if len(found) != 1:
        names = [f"--strategy {row.strategy.name} --account {row.account.masked()}" for row in found or known]
        which = "More than one fits" if found else "No strategy fits"
        raise CommandError(f"{which}. There is: {'; '.join(names) or 'none set up yet'}.")
    return found[0]
