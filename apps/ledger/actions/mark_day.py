"""Work out what each strategy made on a day, from its fills and the marks it is given."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Q

from apps.desks.models import Account
from apps.journal.actions.write_entry import write_entry
from apps.ledger.models import DayResult, Fill
from apps.market.models import Contract
from tradingdesk.domain.market import Contract as ContractValue
from tradingdesk.domain.money import Money, Side
from tradingdesk.domain.portfolio import Fill as FillValue
from tradingdesk.domain.portfolio import day_result, position_of

Described = Callable[[Contract], ContractValue]
Marks = Mapping[int, Decimal | None]  # by the contract's primary key; nothing is an unknown price


@dataclass(slots=True)
class _Sum:
    realized: Decimal = Decimal(0)
    unrealized: Decimal | None = Decimal(0)
    commissions: Decimal = Decimal(0)
    fills: int = 0
    provisional: bool = False
    contracts: set[int] = field(default_factory=set)


@transaction.atomic
def mark_day(
    account: Account, day: date, *, describe: Described, marks: Marks, now: datetime
) -> list[DayResult]:
    """One row for each strategy that traded that day or still holds something; returns those that changed.

    A missing fee, a missing mark or a foreign currency leaves the row provisional; none of them is zero.
    """
    Account.objects.select_for_update().get(pk=account.pk)
    fills = Fill.objects.filter(account=account, trading_day__lte=day, superseded=False)
    by_strategy: dict[int | None, dict[int, list[Fill]]] = {}
    for fill in fills.select_related("contract").order_by("at", "pk"):
        by_strategy.setdefault(fill.strategy_id, {}).setdefault(fill.contract_id, []).append(fill)
    changed = []
    for strategy_id, contracts in by_strategy.items():
        total = _total(contracts.values(), account=account, day=day, describe=describe, marks=marks)
        if total.contracts and (row := _save(account, strategy_id, day=day, total=total, now=now)):
            changed.append(row)
    return changed


def _total(
    groups: Iterable[list[Fill]], *, account: Account, day: date, describe: Described, marks: Marks
) -> _Sum:
    total = _Sum()
    for fills in groups:
        contract = fills[0].contract
        today = [fill for fill in fills if fill.trading_day == day]
        opening = position_of(_values(fill for fill in fills if fill.trading_day < day))
        position = position_of(_values(fills))
        if not today and not position.quantity:
            continue
        total.contracts.add(contract.pk)
        total.fills += len(today)
        if contract.currency != account.base_currency:
            total.provisional = True
            continue
        result = day_result(
            position,
            describe(contract),
            opening=opening,
            mark=marks.get(contract.pk),
            fees=[_fee(fill) for fill in today if not fill.busted],
        )
        total.realized += result.realized.amount
        total.commissions += result.commissions.amount
        unknown = total.unrealized is None or result.unrealized is None
        total.unrealized = None if unknown else total.unrealized + result.unrealized.amount  # type: ignore[operator,union-attr]
        total.provisional = total.provisional or result.provisional
    return total


def _values(fills: Iterable[Fill]) -> list[FillValue]:
    return [
        FillValue(
            account=str(fill.account_id),
            exec_id=fill.exec_id,
            con_id=fill.contract_id,
            side=Side(fill.side),
            quantity=Decimal(0) if fill.busted else fill.quantity,
            price=fill.price,
            at=fill.at,
        )
        for fill in fills
    ]


def _fee(fill: Fill) -> Money | None:
    return None if fill.commission is None else Money(fill.commission, fill.commission_currency or "USD")


def _save(
    account: Account, strategy_id: int | None, *, day: date, total: _Sum, now: datetime
) -> DayResult | None:
    """The journal hears of what was booked; a moving mark alone is not an act."""
    whose = Q(strategy=None) if strategy_id is None else Q(strategy_id=strategy_id)
    row = DayResult.objects.filter(whose, account=account, trading_day=day).first()
    booked = {
        "realized": round(total.realized, 4),
        "commissions": round(total.commissions, 4),
        "fills": total.fills,
        "provisional": total.provisional,
    }
    unrealized = None if total.unrealized is None else round(total.unrealized, 4)
    before = {name: getattr(row, name) for name in booked} if row else None
    if row is not None and before == booked and row.unrealized == unrealized:
        return None
    row = row or DayResult(account=account, strategy_id=strategy_id, trading_day=day)
    for name, value in booked.items():
        setattr(row, name, value)
    row.unrealized, row.changed_at = unrealized, now
    row.save()
    if before != booked:
        write_entry(
            "mark_day",
            subject=row,
            account=account.code,
            before=before,
            after={**booked, "trading_day": day},
            topics=("positions", "results"),
        )
    return row
