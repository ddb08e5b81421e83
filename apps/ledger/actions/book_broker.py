"""Keep the broker's own positions and money beside ours, with the time at which it said so."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from django.db import transaction

from apps.broker.ports import MoneyTold, PositionTold
from apps.desks.models import Account, Gateway
from apps.journal.actions.write_entry import write_entry
from apps.journal.ports import Actor
from apps.ledger.actions.book_cash import write_cash
from apps.ledger.actions.book_fills import contract_of, quoted_cost
from apps.ledger.models import AccountValue, CashBalance, CashEntry, NavPoint, Position
from apps.ledger.ports import ACCRUAL
from apps.market.actions.save_rates import RateTold, save_rates
from apps.market.queries import priced_day

LINK = Actor("link", "link")
BASE = "BASE"  # all currencies together, told as if it were one


@transaction.atomic
def book_positions(gateway: Gateway, told: Sequence[PositionTold], at: datetime) -> None:
    """A complete list: what we hold that it does not name is nothing there."""
    accounts = {row.code: row for row in Account.objects.filter(gateway=gateway)}
    seen: set[int] = set()
    changed = False
    for row in told:
        account = accounts.get(row.account)
        if account is None:
            continue
        body = {
            "con_id": str(row.con_id),
            "symbol": row.symbol,
            "sec_type": row.sec_type,
            "currency": row.currency,
        }
        contract = contract_of(body, at)
        position, _ = Position.objects.get_or_create(
            account=account, contract=contract, defaults={"changed_at": at}
        )
        changed |= position.broker_quantity != row.quantity
        Position.objects.filter(pk=position.pk).update(
            broker_quantity=row.quantity, broker_cost=quoted_cost(row.average_cost, contract), broker_at=at
        )
        seen.add(position.pk)
    gone = Position.objects.filter(account__in=accounts.values()).exclude(pk__in=seen)
    changed |= gone.exclude(broker_quantity=0).exists()
    gone.update(broker_quantity=0, broker_cost=None, broker_at=at)
    if changed:
        write_entry(
            "book_positions", subject=gateway, actor=LINK, after={"rows": len(told)}, topics=("positions",)
        )


@transaction.atomic
def book_money(gateway: Gateway, told: Sequence[MoneyTold], at: datetime) -> None:
    accounts = {row.code: row for row in Account.objects.filter(gateway=gateway)}
    # told twice in one answer, the later word counts
    newest = {(row.account, row.tag, row.currency): row for row in told if row.account in accounts}
    rows = [
        AccountValue(
            account=accounts[row.account], tag=row.tag, currency=row.currency, value=row.value, at=at
        )
        for row in newest.values()
    ]
    AccountValue.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["account", "tag", "currency"],
        update_fields=["value", "at"],
    )
    NavPoint.objects.bulk_create(
        [
            NavPoint(account=row.account, at=at, nav=row.value, source="broker")
            for row in rows
            if row.tag == "NetLiquidation"
        ]
    )
    _keep_rates(rows)
    for row in rows:
        if row.tag == "AccruedCash" and row.currency != BASE:
            _accrue(row)


def _keep_rates(rows: Sequence[AccountValue]) -> None:
    """The gateway's own rates, each into the base of the account that told it."""
    save_rates(
        RateTold(base=row.account.base_currency, currency=row.currency, value=row.value, at=row.at)
        for row in rows
        if row.tag == "ExchangeRate" and row.currency != BASE
    )


def _accrue(told: AccountValue) -> None:
    """What has accrued is the broker's arithmetic: the books follow it, entry by entry."""
    ours = CashBalance.objects.filter(account=told.account, currency=told.currency).first()
    difference = told.value - (ours.accrued if ours else Decimal(0))
    if difference:
        entry = CashEntry(
            account=told.account, currency=told.currency, amount=difference, cause=ACCRUAL, at=told.at
        )
        entry.day, entry.note = priced_day(told.at), "accrued by the broker's word"
        write_cash([entry])
