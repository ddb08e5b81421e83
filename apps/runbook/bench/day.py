"""The day that is measured: an account with wide limits, contracts with prices, plans that rest."""

import json
import time
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from datetime import time as day_time
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings

from apps.approvals.models import Request
from apps.broker.queries import link_view
from apps.desks.models import Account, Gateway, Phase, Strategy
from apps.journal import clock
from apps.journal.ports import SYSTEM, Actor
from apps.market.actions.answer_lookup import ask_lookup
from apps.market.actions.watch import watch
from apps.market.models import Contract, LastQuote, Session
from apps.market.queries import contracts_by_symbol
from apps.operators.actions.set_person import make_person
from apps.plans.actions.accept_plan import Delivery, accept_plan
from apps.risk.actions.change_limits import change_limits
from apps.risk.actions.found_limits import found_limits
from apps.runbook.gate import Word, approve_request
from apps.runbook.road import WATCH_FOR, look_up_contracts, propose
from apps.runbook.situation import trading_day
from tradingdesk.domain.money import Side
from tradingdesk.domain.plans import Line, signal_digest

NEW_YORK = ZoneInfo("America/New_York")
TRADER = Actor("user", "bench")
WIDE = {
    "order_rate": 100_000, "quote_age": 600, "open_positions": 1000, "daily_exposure": 100_000_000,
    "daily_notional": 100_000_000, "gross_exposure": 100_000_000, "quote_jump": 90, "price_collar": 9000,
    "balance_share": 100_000, "price_distance": 9000,
}  # fmt: skip
CENT = Decimal("0.01")


@dataclass(slots=True)
class Day:
    """One simulated morning."""

    account: Account
    door: int
    token: str
    ledger: Path
    plans: int = field(default=0)

    def turn(self, verb: str, **args: Any) -> None:
        """One turn at the gateway's control door."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.door}/{verb}",
            data=json.dumps(args).encode(),
            headers={"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            answer.read()

    def records(self, kind: str) -> list[dict[str, Any]]:
        """What the gateway's own ledger holds of one kind."""
        wanted = f'"kind":"{kind}"'
        lines = self.ledger.read_text().splitlines(keepends=True)
        return [json.loads(line) for line in lines if wanted in line and line.endswith("\n")]

    @staticmethod
    def wall_of(moment: datetime) -> float:
        """When the wall's clock stood there, as the desk's runs beside it."""
        line = clock.parse_line(settings.CLOCK)
        return line.wall + (moment - line.desk).total_seconds() / line.speed

    def is_ready(self) -> bool:
        return link_view(self.account.gateway_id, clock.now()).ready

    def propose(self, prices: dict[str, Decimal], *, quantity: int = 4) -> Request:
        """A plan of one line a symbol, on the way to a person."""
        self.plans += 1
        lines = [line_at(number, *row, quantity) for number, row in enumerate(prices.items(), 1)]
        digest = signal_digest(repr((self.plans, lines)).encode())
        delivery = Delivery(
            source="api", file_name=f"bench-{self.plans}.csv", digest=digest, author="csv", at=clock.now()
        )
        plan = accept_plan(
            delivery,
            lines,
            (),
            strategy=Strategy.objects.get(),
            account=self.account,
            trading_day=trading_day(clock.now()),
            actor=TRADER,
        ).plan
        wait_for(lambda: look_up_contracts(plan), "every contract")
        request = propose(plan, clock.now())
        if request is None:
            raise RuntimeError(f"nothing is left of the plan: {list(plan.lines.values('symbol', 'reason'))}")
        return request


def execute(request: Request) -> None:
    """What the page does when EXECUTE is pressed."""
    word = Word(typed=f"EXECUTE {request.challenge}", digest=request.digest, row_version=request.row_version)
    decided = approve_request(request.pk, word, actor=TRADER, how={}, now=clock.now())
    if not decided.approved:
        raise RuntimeError(f"not approved: {decided.reason}")


def make_day(*, port: int, door: int, token: str, ledger: Path) -> Day:
    gateway = Gateway.objects.create(name="bench", host="127.0.0.1", port=port, client_id=11, mode="sim")
    account = Account.objects.create(code="DU1000001", gateway=gateway)
    strategy = Strategy.objects.create(name="bracket-day", system=3)
    Phase.objects.create(strategy=strategy, account=account, phase="crawl")
    make_person(TRADER.name, roles=["trader"], actor=SYSTEM)
    limits = found_limits()
    change_limits(
        {name: Decimal(value) for name, value in WIDE.items()},
        scope="global",
        actor=SYSTEM,
        reason="nothing is to be refused while times are taken",
        based_on=limits.version,
    )
    day = trading_day(clock.now())
    Session.objects.create(
        calendar="XNYS",
        day=day,
        open_at=datetime.combine(day, day_time(9, 30), NEW_YORK).astimezone(UTC),
        close_at=datetime.combine(day, day_time(16), NEW_YORK).astimezone(UTC),
    )
    return Day(account=account, door=door, token=token, ledger=ledger)


def price_of(day: Day, symbols: Sequence[str]) -> dict[str, Decimal]:
    """Three per cent below the market for each: there an entry rests until the market is moved."""
    for symbol in symbols:
        ask_lookup(symbol)
    rows = LastQuote.objects.filter(contract__symbol__in=symbols, bid__gt=0, ask__gt=0)

    def quoted() -> bool:
        contracts = [row.pk for row in look_up(symbols)]
        watch(day.account.gateway, contracts, WATCH_FOR)
        return rows.count() == len(symbols)

    wait_for(quoted, "a price for every symbol")
    found = {row.contract.symbol: row.ask for row in rows.select_related("contract")}
    return {
        symbol: (ask * Decimal("0.97")).quantize(CENT)
        for symbol in symbols
        if (ask := found[symbol]) is not None
    }


def look_up(symbols: Sequence[str]) -> list[Contract]:
    return list(contracts_by_symbol(symbols).values())


def line_at(number: int, symbol: str, price: Decimal, quantity: int) -> Line:
    """Stop four per cent below, targets three and five above, on a cent."""
    return Line(
        number=number,
        symbol=symbol,
        side=Side.BUY,
        quantity=Decimal(quantity),
        limit_price=price,
        stop_price=(price * Decimal("0.96")).quantize(CENT),
        target_1=(price * Decimal("1.03")).quantize(CENT),
        target_2=(price * Decimal("1.05")).quantize(CENT),
    )


def wait_for(question: Callable[[], object], what: str | Callable[[], str], seconds: float = 60.0) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if question():
            return
        time.sleep(0.02)
    raise RuntimeError(f"never: {what if isinstance(what, str) else what()}")
