"""The past of a position as the domain reads it: fills that stand, and what was adopted between them."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from apps.journal.statements import rows_of
from apps.ledger.carried import Base, base_of_contract
from apps.ledger.models import Fill
from apps.market.ports import desk_day
from tradingdesk.domain.money import Side
from tradingdesk.domain.portfolio import Adopted, Position, Step, walk
from tradingdesk.domain.portfolio import Fill as FillValue

ADOPTED = """
    SELECT quantity, average_cost, at FROM ledger_adoption
    WHERE account_id = %s AND contract_id = %s AND quantity IS NOT NULL ORDER BY at, id
"""
FILLS = """
    SELECT exec_id, side, busted, quantity, price, at FROM ledger_fill
    WHERE account_id = %s AND contract_id = %s AND NOT superseded AND trading_day > %s
"""


def value_of_fill(fill: Fill) -> FillValue:
    return FillValue(
        account=str(fill.account_id),
        exec_id=fill.exec_id,
        con_id=fill.contract_id,
        side=Side(fill.side),
        quantity=Decimal(0) if fill.busted else fill.quantity,
        price=fill.price,
        at=fill.at,
    )


def walk_of(account_id: int, contract_id: int, *more: Adopted, base: Base) -> Iterable[Step]:
    """Every later change of a position, oldest first; with adoptions that are about to be made."""
    asked = [account_id, contract_id, base.day or date.min]
    values = [
        FillValue(
            account=str(account_id),
            exec_id=exec_id,
            con_id=contract_id,
            side=Side(side),
            quantity=Decimal(0) if busted else quantity,
            price=price,
            at=at,
        )
        for exec_id, side, busted, quantity, price, at in rows_of(FILLS, asked)
    ]
    known = [*adoptions_of(account_id, contract_id), *more]
    adopted = [one for one in known if base.day is None or desk_day(one.at) > base.day]
    return walk(values, opening=base.whole.get(contract_id), adopted=adopted)


def position_from(account_id: int, contract_id: int, *more: Adopted) -> Position:
    base = base_of_contract(account_id, contract_id)
    if base.day is not None and any(desk_day(one.at) <= base.day for one in more):
        base = Base()
    position = base.whole.get(contract_id, Position())
    for step in walk_of(account_id, contract_id, *more, base=base):
        position = step.after
    return position


def adoptions_of(account_id: int, contract_id: int) -> list[Adopted]:
    return [
        Adopted(quantity=quantity, average_cost=cost or Decimal(0), at=at)
        for quantity, cost, at in rows_of(ADOPTED, [account_id, contract_id])
    ]
