"""The first start of a desk: the gateway, the accounts and the strategy of plan files, from the settings."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from apps.desks.models import Gateway
from apps.desks.ports import DeskRefused
from apps.runbook.dayfile import DayFile
from apps.runbook.management.commands.set_up_day import know_sessions, set_up

WHY = "the settings of the first start"
SIMULATED_ACCOUNT = "DU1000001"  # the simulator's own, unless it was given others
STRATEGY = {"name": "bracket-day", "title": "Day-trade brackets"}


class Command(BaseCommand):
    help = (
        "Lay the gateway and accounts that the settings name, and a strategy in crawl; once, then leave it."
    )

    def handle(self, **_options: Any) -> None:
        if is_set_up():
            self.stdout.write("A gateway is set up already; it is changed in the admin.")
            return
        codes = settings.ACCOUNTS_ALLOWED or ([SIMULATED_ACCOUNT] if settings.MODE == "sim" else [])
        if not codes:
            raise CommandError(
                "No account is named. Set TRADINGDESK_ACCOUNTS in .env to the account that this desk may"
                " trade (DU… where it is paper), and start again."
            )
        gateway = {
            "name": settings.MODE,
            "host": settings.GATEWAY_HOST,
            "port": settings.GATEWAY_PORT,
            "client_id": settings.GATEWAY_CLIENT_ID,
        }
        title = settings.MODE.capitalize()
        try:
            with transaction.atomic():  # one that is refused leaves nothing of the others
                for code in codes:
                    account = {"code": code, "title": title}
                    set_up(DayFile(gateway=gateway, account=account, strategy=STRATEGY, intake=""), why=WHY)
        except DeskRefused as refused:
            raise CommandError(str(refused)) from None
        know_sessions(self.stdout.write)


def is_set_up() -> bool:
    return Gateway.objects.exists()
