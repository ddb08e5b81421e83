"""Keep the broker's own positions and money beside ours, with the time at which it said so."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from apps.broker.ports import MoneyTold, PositionTold
from apps.desks.models import Account, Gateway
from apps.journal.actions.write_entry import write_entry
from apps.journal.ports import Actor
from apps.ledger.actions.book_fills import contract_of
from apps.ledger.models import AccountValue, NavPoint, Position

LINK = Actor("link", "link")


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
        body = {"con_id": str(row.con_id), "symbol": row.symbol, "sec_type": "STK"}
        position, _ = Position.objects.get_or_create(
            account=account, contract=contract_of(body, at), defaults={"changed_at": at}
        )
        changed |= position.broker_quantity != row.quantity
        Position.objects.filter(pk=position.pk).update(
            broker_quantity=row.quantity, broker_cost=row.average_cost, broker_at=at
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
