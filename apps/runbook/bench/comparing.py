"""What one round of the reconciliation costs: 500 positions and 5,000 executions on both sides."""

import time
from datetime import timedelta
from decimal import Decimal

from apps.broker.actions.keep_lists import keep_lists
from apps.broker.models import LinkSession
from apps.desks.models import Account
from apps.journal import clock
from apps.ledger.models import Fill, Position
from apps.market.models import Contract
from apps.reconciliation.actions.reconcile import reconcile
from apps.reconciliation.models import Run
from apps.runbook.bench.day import Day, execute
from apps.runbook.bench.figures import Figure, figure
from apps.runbook.bench.tables import know
from apps.runbook.situation import trading_day
from apps.tickets.models import Ticket

POSITIONS, EXECUTIONS = 500, 5000


def time_reconcile(day: Day, prices: dict[str, Decimal], times: int = 7) -> Figure:
    """Orders, executions, positions and money, one after the other, with nothing that differs."""
    execute(day.propose(prices))  # whose tickets the executions are: nobody's would be another hand's
    fill_both_sides(day.account, Ticket.objects.filter(account=day.account).latest("pk"))
    passed, bare = [], []
    for _ in range(times):
        now = clock.now()
        began = time.perf_counter()
        runs = [
            reconcile(day.account, about, day=trading_day(now), now=now) for about in (Run.ORDERS, Run.BOOKS)
        ]
        passed.append(time.perf_counter() - began)
        if any(run.differences for run in runs):
            raise RuntimeError(f"the sides were made alike and differ: {[run.reason for run in runs]}")
        began = time.perf_counter()
        list(Fill.objects.filter(account=day.account).values_list("exec_root", "quantity", "price"))
        list(Position.objects.filter(account=day.account).values_list("contract_id", "quantity"))
        bare.append(time.perf_counter() - began)
    return figure(
        "reconcile 500 positions, 5,000 executions",
        passed[1:],
        beside="the same rows of our side read once",
        baseline=bare[1:],
        aim="≤ 1 s",
    )


def fill_both_sides(account: Account, ticket: Ticket) -> None:
    """The same positions and executions in our tables and in the broker's lists."""
    symbols = [f"R{place:03d}" for place in range(POSITIONS)]
    know(symbols)
    contracts = list(Contract.objects.filter(symbol__in=symbols).order_by("symbol"))
    now = clock.now()
    rest = now - timedelta(hours=1)
    units = Decimal(EXECUTIONS // POSITIONS)
    Position.objects.bulk_create(
        [
            Position(account=account, contract=row, quantity=units, average_cost=50, changed_at=rest)
            for row in contracts
        ]
    )
    fills = [
        Fill(
            account=account,
            exec_id=f"0000.{place:05d}.01",
            exec_root=f"0000.{place:05d}",
            revision=1,
            contract=contracts[place % POSITIONS],
            ticket=ticket,
            side="BUY",
            quantity=1,
            price=50,
            at=now,
            trading_day=trading_day(now),
            booked_at=now,
        )
        for place in range(EXECUTIONS)
    ]
    Fill.objects.bulk_create(fills)
    # what the bare client traded beside us would be another hand's, and a difference by right
    Fill.objects.filter(account=account, ticket=None).update(ticket=ticket)
    session = LinkSession.objects.filter(gateway=account.gateway).latest("pk")
    LinkSession.objects.filter(pk=session.pk).update(closed_at=None)
    keep_lists(session, told_lists_of(account), clock.now())


def told_lists_of(account: Account) -> dict[str, list[dict[str, str]]]:
    """What our own tables hold, in the broker's words: the rounds that were played before are in it too."""
    code = {"account": account.code}
    fills = Fill.objects.filter(account=account, superseded=False, busted=False).select_related("contract")
    held = Position.objects.filter(account=account).exclude(quantity=0).select_related("contract")
    return {
        "orders": [],
        "executions": [
            code
            | {"exec_id": one.exec_id, "con_id": str(one.contract.con_id), "quantity": str(one.quantity)}
            | {"side": "BOT" if one.side == "BUY" else "SLD", "price": str(one.price)}
            for one in fills
        ],
        "positions": [
            code
            | {"con_id": str(row.contract.con_id), "symbol": row.contract.symbol}
            | {"quantity": str(row.quantity), "cost": str(row.average_cost)}
            for row in held
        ],
        "money": [code | {"tag": "NetLiquidation", "currency": "USD", "value": "1000000"}],
    }
