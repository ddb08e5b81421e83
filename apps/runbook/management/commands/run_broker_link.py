"""`run_broker_link GATEWAY`: the daemon that speaks to one gateway, with its doors to the other stations."""

import asyncio
import functools
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.broker.ib.connection import IbConnection  # first of all: the library wants the main thread's loop
from apps.broker.link.daemon import run_link
from apps.broker.link.link import Doors, Link
from apps.desks.models import Gateway
from apps.ledger.actions.book_broker import book_money, book_positions
from apps.ledger.actions.book_fills import book_fills
from apps.reconciliation.borne_out import borne_out
from apps.runbook.flattening import held_by_broker
from apps.runbook.road import judge_claim, market_problem
from apps.runbook.stopping import finish_stops
from apps.runbook.windows import release_due
from tradingdesk.memory import keep_what_is_loaded


class Command(BaseCommand):
    help = "Own the connection to one gateway: the only process that sends orders."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("gateway", nargs="?", default="", help="its name; the only one when left out")

    def handle(self, *args: Any, **options: Any) -> None:
        link = make_link(find_gateway(options["gateway"]))
        keep_what_is_loaded()
        asyncio.run(run_link(link))


def find_gateway(name: str) -> Gateway:
    rows = Gateway.objects.filter(name=name) if name else Gateway.objects.all()
    found = list(rows[:2])
    if len(found) != 1:
        known = ", ".join(Gateway.objects.values_list("name", flat=True)) or "none is set up"
        raise CommandError(f"Which gateway? Known: {known}.")
    return found[0]


def make_link(gateway: Gateway) -> Link:
    return Link(
        gateway=gateway,
        broker=IbConnection(),
        doors=Doors(
            judge=judge_claim,
            market=market_problem,
            book=book_fills,
            book_positions=functools.partial(book_positions, gateway),
            release=release_due,
            book_money=functools.partial(book_money, gateway),
            held=held_by_broker,
            finish_stops=finish_stops,
            borne_out=borne_out,
        ),
        instance=settings.INSTANCE,
    )
