"""Stop trading from a terminal: works when web, worker, link or even the database are dead."""

import asyncio
import getpass
import sys
import time
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, connection

# first of all: the broker's library wants the main thread's loop
from apps.broker.terminal import Told, stop_from_terminal
from apps.desks.models import Account, Gateway
from apps.desks.ports import mask
from apps.journal import clock
from apps.journal.ports import Actor
from apps.risk.actions.stop_trading import StopRefused
from apps.risk.models import StoppedOrder, Stopping
from apps.risk.queries import stopped_orders
from apps.runbook.stopping import finish_stops, kill
from tradingdesk.logs import hush_library

SEAT = 97  # a client id of its own: neither the link's nor `gateway check`'s
RECORD_WITHIN = 5.0
DATABASE_WITHIN = 3  # seconds; a stop does not wait for a database that hangs
WORD = "FLATTEN"
CLEAR, LEFT, BLIND, NOTHING = 0, 2, 3, 4


class Command(BaseCommand):
    help = "Stop trading: write the stop, cancel what works, say what became of each order."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        where = parser.add_mutually_exclusive_group()
        where.add_argument("--account", default="", help="only this account; without it, everything")
        where.add_argument("--strategy", default="", help="only this strategy (needs the database)")
        parser.add_argument("--pause", action="store_true", help="no new entries; cancel nothing")
        parser.add_argument("--flatten", action="store_true", help=f"close what is held; asks for {WORD}")
        parser.add_argument(
            "--global-cancel",
            action="store_true",
            help="cancel the orders of EVERY program and of the workstation (reqGlobalCancel)",
        )
        parser.add_argument("--reason", default="stopped from a terminal")
        parser.add_argument("--client-id", type=int, default=SEAT, help="the seat to look from")
        parser.add_argument("--host", default="", help="another gateway than the one that is set up")
        parser.add_argument("--port", type=int, default=0)

    def handle(self, **options: Any) -> None:
        if options["flatten"] and input(f"Type {WORD} to close every position: ").strip() != WORD:
            raise CommandError("Nothing was stopped, nothing was closed: the word was not typed.")
        hush_library()
        stopping = self._write(options)
        if options["pause"]:
            sys.exit(CLEAR if stopping else NOTHING)
        told = [self._cancel(one, options) for one in self._gateways(options, reachable=stopping is not None)]
        for one in told:
            self._tell(one)
        if stopping is not None:
            self._tell_record(stopping)
        left = stopping is not None and stopping.scope == "strategy" and open_rows(stopping)
        sys.exit(LEFT if left else verdict(told, written=stopping is not None))

    def _write(self, options: dict[str, Any]) -> Stopping | None:
        """The stop first: from its commit on no new order leaves, whatever becomes of the rest."""
        scope = "account" if options["account"] else "strategy" if options["strategy"] else "global"
        connection.settings_dict.setdefault("OPTIONS", {})["connect_timeout"] = DATABASE_WITHIN
        try:
            with connection.cursor() as cursor:
                cursor.execute(f"SET lock_timeout = '{DATABASE_WITHIN}s'")
                cursor.execute(f"SET statement_timeout = '{2 * DATABASE_WITHIN}s'")
            stopping = kill(
                scope,
                options["account"] or options["strategy"],
                level="REDUCE_ONLY" if options["pause"] else "HALTED",
                flatten=options["flatten"],
                actor=Actor("system", f"{getpass.getuser()} at a terminal"),
                reason=options["reason"],
                now=clock.now(),
            )
        except StopRefused as refused:
            raise CommandError(str(refused)) from None
        except DatabaseError as lost:
            self.stderr.write(
                f"STOP NOT WRITTEN: the database does not answer ({str(lost).splitlines()[0]})."
            )
            self.stderr.write("Nothing new can be claimed while it is away. Cancelling at the gateway now.")
            return None
        where = "everything" if scope == "global" else f"{scope} {_named(stopping)}"
        self.stdout.write(f"STOPPED      {where}: {stopping.level}, stop {stopping.pk}. Nothing new leaves.")
        return stopping

    def _gateways(self, options: dict[str, Any], *, reachable: bool) -> list[tuple[str, int, int]]:
        """Host, port and the link's seat: from the command, the database, or the settings alone."""
        told = (options["host"] or settings.GATEWAY_HOST, options["port"] or settings.GATEWAY_PORT)
        if options["host"] or options["port"] or not reachable:
            return [(*told, settings.GATEWAY_CLIENT_ID)]
        rows = Gateway.objects.all()
        if options["account"]:
            rows = rows.filter(accounts__code=options["account"])
        return [(row.host, row.port, row.client_id) for row in rows.distinct()]

    def _cancel(self, gateway: tuple[str, int, int], options: dict[str, Any]) -> Told:
        host, port, link_seat = gateway
        if options["strategy"]:
            return Told(gateway=f"{host}:{port}", seat="the link, which knows whose orders are whose")
        if options["global_cancel"]:
            self.stdout.write("Asking for the cancel of EVERY order of every program at this gateway.")
        return asyncio.run(
            stop_from_terminal(
                host,
                port,
                seat=options["client_id"],
                link_seat=link_seat,
                cancel_everything=options["global_cancel"],
                only=[options["account"]] if options["account"] else (),
            )
        )

    def _tell(self, told: Told) -> None:
        self.stdout.write(f"gateway      {told.gateway}")
        if told.problem:
            self.stdout.write(f"             NOT SEEN: {told.problem}")
            return
        self.stdout.write(f"cancelled as {told.seat}")
        for one in sorted(told.orders, key=lambda row: row.result):
            name = one.reference or f"perm {one.perm_id}"
            what = f"{one.side:<4} {one.quantity:>8} {one.symbol:<8} {mask(one.account):<12}"
            line = f"  {one.result.upper():<10} {what} client {one.client_id:<4} {name}  {one.why}"
            self.stdout.write(line.rstrip())
        gone = len(told.orders) - len(told.left)
        self.stdout.write(f"{gone} of {len(told.orders)} orders gone, {told.seconds:.1f} s")
        if told.left:
            self.stdout.write(
                "What is left may still fill. Cancel it in TWS, by phone, or with --global-cancel,"
            )
            self.stdout.write("which takes every order of every program.")

    def _tell_record(self, stopping: Stopping) -> None:
        """What the desk's own record says: it knows tickets that never were at the broker."""
        until = time.monotonic() + RECORD_WITHIN
        while stopping.scope == "strategy" and time.monotonic() < until and open_rows(stopping):
            time.sleep(0.25)
            finish_stops()
        rows = stopped_orders(stopping.pk)
        for row in rows if stopping.scope == "strategy" else ():
            self.stdout.write(f"  {row.result.upper():<10} {row.side:<4} {row.reference}  {row.reason}")
        unsent = [row for row in rows if row.order_id == 0 and row.result == "confirmed"]
        if unsent:
            self.stdout.write(f"{len(unsent)} tickets were withdrawn before they were sent")
        if stopping.flatten:
            self.stdout.write("The link flattens; without it nothing is closed. Watch the Risk page, or TWS.")


def open_rows(stopping: Stopping) -> bool:
    return stopping.orders.exclude(result__in=StoppedOrder.FINAL).exists()


def _named(stopping: Stopping) -> str:
    return mask(stopping.key) if Account.objects.filter(code=stopping.key).exists() else stopping.key


def verdict(told: list[Told], *, written: bool) -> int:
    """0 all gone · 2 something is left · 3 the gateway was not seen · 4 neither stopped nor seen."""
    blind = any(one.problem for one in told)
    if blind:
        return BLIND if written else NOTHING
    return LEFT if any(one.left for one in told) else CLEAR
