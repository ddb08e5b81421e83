"""Make the desk's rows what the file of one trading day says; `./desk paper --config FILE` calls it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from apps.desks.actions.save_account import save_account
from apps.desks.actions.save_gateway import save_gateway
from apps.desks.actions.save_strategy import save_strategy
from apps.desks.actions.set_phase import set_phase
from apps.desks.models import Account, Gateway, Phase, Strategy
from apps.desks.ports import DeskRefused
from apps.journal import clock
from apps.journal.ports import Actor
from apps.market.management.commands.refresh_calendars import refresh
from apps.market.ports import CALENDAR
from apps.market.queries import last_session_day
from apps.risk.actions.found_limits import found_limits
from apps.runbook.dayfile import DayFile, DayFileRefused, read_day_file
from apps.runbook.jobs import SESSIONS_AHEAD
from apps.runbook.timetable import BRACKETS

WHY = "the file of one trading day"
TERMINAL = Actor("system", "terminal")


class Command(BaseCommand):
    help = "Lay the gateway, account and strategy that a file of one trading day names. Harmless to repeat."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, **options: Any) -> None:
        try:
            set_up(read_day_file(options["file"], mode=settings.MODE), why=WHY)
        except (DayFileRefused, DeskRefused) as refused:
            raise CommandError(str(refused)) from None
        know_sessions(self.stdout.write)


def know_sessions(say: Callable[[str], object]) -> None:
    """The exchange's sessions as far ahead as a job keeps them later."""
    reach = last_session_day(CALENDAR)
    if reach is None or reach < (clock.now() + SESSIONS_AHEAD).date():
        refresh([CALENDAR], say)


@transaction.atomic
def set_up(told: DayFile, *, why: str) -> None:
    """What is there already is only changed where something else is told."""
    found_limits()
    gateway = Gateway.objects.filter(name=told.gateway["name"]).first() or Gateway()
    wanted = {**told.gateway, "mode": settings.MODE}
    if _differs(gateway, wanted):
        gateway = save_gateway(gateway, actor=TERMINAL, reason=why, **wanted)
    account = Account.objects.filter(code=told.account["code"]).first() or Account()
    wanted = {**told.account, "gateway": gateway}
    if _differs(account, wanted):
        account = save_account(account, actor=TERMINAL, reason=why, **wanted)
    strategy = _strategy(told, why)
    if not Phase.objects.filter(strategy=strategy, account=account).exists():
        set_phase(strategy, account, phase="crawl", actor=TERMINAL, reason=why)


def _strategy(told: DayFile, why: str) -> Strategy:
    row = Strategy.objects.filter(name=told.strategy["name"]).first() or Strategy(system=BRACKETS)
    parameters = {key: told.strategy[key] for key in ("moc_minutes", "propose_again") if key in told.strategy}
    wanted = {
        "name": told.strategy["name"],
        "system": BRACKETS,
        "title": told.strategy.get("title", row.title),
        "parameters": {**row.parameters, **parameters},
    }
    return save_strategy(row, actor=TERMINAL, reason=why, **wanted) if _differs(row, wanted) else row


def _differs(row: Any, wanted: dict[str, Any]) -> bool:
    return row.pk is None or any(getattr(row, name) != value for name, value in wanted.items())
