"""Keep what an account held at the end of a day some time ago, so that its years need not be read again."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from django.db import OperationalError, transaction
from django.db.models import Min

from apps.desks.models import Account
from apps.journal.statements import rows_of
from apps.ledger.carried import Part
from apps.ledger.models import Adoption, Carried, Carry, Fill
from apps.market.ports import desk_day
from tradingdesk.domain.money import Side
from tradingdesk.domain.portfolio import Position
from tradingdesk.domain.portfolio.cash import COMBO, PAIR
from tradingdesk.domain.portfolio.positions import after_trade

# corrections and statements come within days; what is kept is seldom dropped for them
BEHIND = timedelta(days=7)
# whoever would book a fill waits for a step
AT_ONCE = timedelta(days=7)
# whoever books a fill goes first
ALONE = ("SET LOCAL lock_timeout = '300ms'", "SELECT ledger_hold_fills()")
LOCK_NOT_AVAILABLE = "55P03"


def carry_forward(account: Account, now: datetime) -> int:
    """How many steps were made. One that would have to wait is left for the next time."""
    made = 0
    try:
        while _carry(account, desk_day(now) - BEHIND, now):
            made += 1
    except OperationalError as waited:
        if getattr(waited.__cause__, "sqlstate", "") != LOCK_NOT_AVAILABLE:
            raise
    return made


@transaction.atomic
def _carry(account: Account, until: date, now: datetime) -> bool:
    if Carry.objects.filter(account=account, day__gte=until).exists():
        return False
    for statement in ALONE:
        rows_of(statement)
    Account.objects.select_for_update(no_key=True).get(pk=account.pk)  # whoever adopts holds it
    before = Carry.objects.filter(account=account).first()
    began = before.day if before is not None else _day_before_all(account)
    if began is None or began >= until:
        return False
    day = min(until, began + AT_ONCE)
    whole, parts = _kept(before)
    _go_on(whole, parts, _changes(account, after=began if before else date.min, until=day))
    _keep(account, day, now, whole=whole, parts=parts)
    return True


def _day_before_all(account: Account) -> date | None:
    first: date | None = Fill.objects.filter(account=account).aggregate(day=Min("trading_day"))["day"]
    return None if first is None else first - timedelta(days=1)


def _kept(before: Carry | None) -> tuple[dict[int, Position], dict[Part, Position]]:
    whole: dict[int, Position] = {}
    parts: dict[Part, Position] = {}
    for row in before.positions.all() if before is not None else ():
        held = Position(row.quantity, row.average_cost, row.realized)
        if row.whole:
            whole[row.contract_id] = held
        else:
            parts[row.contract_id, row.strategy_id] = held
    return whole, parts


class _Change(NamedTuple):
    """A fill, or an adoption, which has no side and holds for the account as a whole."""

    at: datetime
    side: str
    contract_id: int
    strategy_id: int | None
    kind: str
    quantity: Decimal
    price: Decimal


def _changes(account: Account, *, after: date, until: date) -> list[_Change]:
    """What moved positions on these days, in the order of time; an adoption after what it has counted."""
    fills = Fill.objects.filter(account=account, trading_day__gt=after, trading_day__lte=until)
    fills = fills.filter(superseded=False, busted=False).order_by("exec_id")
    columns = ("at", "side", "contract_id", "strategy_id", "contract__sec_type", "quantity", "price")
    changes = [_Change(*row) for row in fills.values_list(*columns)]
    for one in Adoption.objects.filter(account=account, quantity__isnull=False).order_by("pk"):
        if one.contract_id and one.quantity is not None and after < one.trading_day <= until:
            cost = one.average_cost or Decimal(0)
            changes.append(_Change(one.at, "", one.contract_id, None, "", one.quantity, cost))
    return sorted(changes, key=lambda one: (one.at, not one.side))


def _go_on(whole: dict[int, Position], parts: dict[Part, Position], changes: Iterable[_Change]) -> None:
    for one in changes:
        held = whole.get(one.contract_id, Position())
        if not one.side:
            whole[one.contract_id] = Position(one.quantity, one.price, held.realized)
            continue
        whole[one.contract_id] = _after(held, one)
        if one.kind not in (COMBO, PAIR):
            key = (one.contract_id, one.strategy_id)
            parts[key] = _after(parts.get(key, Position()), one)


def _after(held: Position, fill: _Change) -> Position:
    return after_trade(held, Side(fill.side), quantity=fill.quantity, price=fill.price)


def _keep(
    account: Account, day: date, now: datetime, *, whole: dict[int, Position], parts: dict[Part, Position]
) -> None:
    Carried.objects.filter(carry__account=account).delete()
    carry, _ = Carry.objects.update_or_create(account=account, defaults={"day": day, "made_at": now})
    Carried.objects.bulk_create(_rows(carry, whole, parts))


def _rows(carry: Carry, whole: dict[int, Position], parts: dict[Part, Position]) -> Iterator[Carried]:
    for contract, held in whole.items():
        yield _row(carry, contract, None, held, whole=True)
    for (contract, strategy), held in parts.items():
        yield _row(carry, contract, strategy, held, whole=False)


def _row(carry: Carry, contract: int, strategy: int | None, held: Position, *, whole: bool) -> Carried:
    return Carried(
        carry=carry,
        whole=whole,
        contract_id=contract,
        strategy_id=strategy,
        quantity=held.quantity,
        average_cost=held.average_cost,
        realized=held.realized,
    )
