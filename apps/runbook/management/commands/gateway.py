"""Look at a gateway without touching anything: ./desk gateway check."""

import asyncio
import sys
from argparse import ArgumentParser
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from apps.broker.ib.connection import IbConnection  # first of all: the library wants the main thread's loop
from apps.broker.ports import Answer, ContractAsked, Known, MoneyTold, Opened, Refused
from apps.desks.ports import is_simulated, mask
from apps.journal import clock
from tradingdesk.logs import hush_library

SEAT = 96  # a client id of its own: the link's stays free
OPEN_WITHIN = 10.0
FIGURES = ("NetLiquidation", "TotalCashValue", "AvailableFunds", "BuyingPower")
KNOWN_TO_ALL = ContractAsked(symbol="SPY")
TICKS_WITHIN = 3.0
SKEW_WARNED = 2.0


class Command(BaseCommand):
    help = (
        "Connect with a client id of its own, print account, balance, time and permissions, and disconnect."
    )

    # Nothing is signed or stored here, and a first look comes before a key is kept.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        check = verbs.add_parser("check", help="connect, look, disconnect")
        check.add_argument("--host", default=settings.GATEWAY_HOST)
        check.add_argument("--port", type=int, default=settings.GATEWAY_PORT)
        check.add_argument("--client-id", type=int, default=SEAT)

    def handle(self, *, host: str, port: int, client_id: int, **_options: Any) -> None:
        hush_library()
        try:
            good = asyncio.run(self._check(host, port, client_id))
        except (OSError, TimeoutError) as failed:
            why = str(failed) or f"no handshake within {OPEN_WITHIN:g} s; is client id {client_id} in use?"
            raise CommandError(f"{host}:{port} does not answer: {why}") from None
        if not good:
            sys.exit(1)

    async def _check(self, host: str, port: int, client_id: int) -> bool:
        async with connected(host, port, client_id) as (broker, opened):
            self.stdout.write(f"gateway      {host}:{port}, server version {opened.server_version}")
            good = self._accounts(opened)
            self._money(await broker.money())
            self._time(await broker.server_time())
            good = self._permission("contracts", await broker.contract(KNOWN_TO_ALL)) and good
            good = self._permission("executions", await broker.executions()) and good
            good = self._permission("orders", await broker.open_orders()) and good
            await self._market_data(broker)
        self.stdout.write("Disconnected; nothing was changed.")
        return good

    def _accounts(self, opened: Opened) -> bool:
        """Money of the wrong kind behind this port is the one thing nobody may find out later."""
        simulated = settings.MODE != "live"
        good = all(is_simulated(code) is simulated for code in opened.accounts) and bool(opened.accounts)
        names = ", ".join(mask(code) for code in opened.accounts) or "none"
        said = "" if good else f"  ✗ not what a desk in mode {settings.MODE} expects"
        self.stdout.write(f"accounts     {names}{said}")
        return good

    def _money(self, answer: Answer[MoneyTold]) -> None:
        if not isinstance(answer, Known):
            self.stdout.write(f"balance      unknown: {told(answer)}")
            return
        for row in answer.rows:
            if row.tag in FIGURES:
                self.stdout.write(
                    f"balance      {mask(row.account)} {row.tag} {row.value:,.2f} {row.currency}"
                )

    def _time(self, answer: Answer[datetime]) -> None:
        if not isinstance(answer, Known):
            self.stdout.write(f"server time  unknown: {told(answer)}")
            return
        # the broker tells whole seconds: half of one is the middle of what it may have meant
        skew = (clock.now() - answer.rows[0]).total_seconds() - 0.5
        warning = "  ! the desk's clock is off" if abs(skew) > SKEW_WARNED else ""
        self.stdout.write(f"server time  {answer.rows[0]:%Y-%m-%d %H:%M:%S} UTC, skew {skew:+.1f} s{warning}")

    def _permission(self, what: str, answer: Answer[Any]) -> bool:
        good = isinstance(answer, Known)
        self.stdout.write(
            f"{what:<12} {f'answered, {len(answer.rows)}' if isinstance(answer, Known) else told(answer)}"
        )
        return good

    async def _market_data(self, broker: IbConnection) -> None:
        answer = await broker.contract(KNOWN_TO_ALL)
        if not isinstance(answer, Known) or not answer.rows:
            self.stdout.write("market data  not asked: no contract")
            return
        row = answer.rows[0]
        asked = ContractAsked(
            symbol=row.symbol, con_id=row.con_id, exchange=row.exchange, currency=row.currency
        )
        ticks = broker.watch(asked)
        for _ in range(int(TICKS_WITHIN / 0.1)):
            if ticks.at is not None or ticks.problem:
                break
            await asyncio.sleep(0.1)
        kinds = {1: "live", 2: "frozen", 3: "delayed", 4: "delayed and frozen"}
        said = kinds.get(ticks.data_type, "unknown") if ticks.at else ticks.problem or "none came"
        self.stdout.write(f"market data  {said}")


@asynccontextmanager
async def connected(host: str, port: int, client_id: int) -> AsyncIterator[tuple[IbConnection, Opened]]:
    """A connection that is closed again whatever happens."""
    broker = IbConnection()
    try:
        yield broker, await broker.open(host, port, client_id=client_id, timeout=OPEN_WITHIN)
    finally:
        broker.close()


def told(answer: Any) -> str:
    if isinstance(answer, Refused):
        return f"refused: {answer.code} {answer.text}"
    return f"unknown: {getattr(answer, 'why', answer)}"
