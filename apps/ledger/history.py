"""The past of a position as the domain reads it: fills that stand, and what was adopted between them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from apps.journal.statements import rows_of
from apps.ledger.carried import Base, base_of_contract
from apps.ledger.models import Fill
from tradingdesk.domain.money import Side
from tradingdesk.domain.portfolio import Adopted, Position, Step, walk
from tradingdesk.domain.portfolio import Fill as FillValue

ADOPTED = """
    SELECT trading_day, quantity, average_cost, at FROM ledger_adoption
    WHERE account_id = %s AND contract_id = %s AND quantity IS NOT NULL ORDER BY at, id
"""
FILLS = """
    SELECT trading_day, exec_id, side, busted, quantity, price, at FROM ledger_fill
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


Dated = tuple[date, Adopted]  # with the day to which the books count it


@dataclass(frozen=True, slots=True)
class Past:
    """What changed a position since something was held, each change with the day the books count it to."""

    opening: Position
    fills: list[tuple[date, FillValue]]
    adopted: list[Dated]

    def walk(self, until: date = date.max) -> Iterator[Step]:
        """Every change up to the end of a day, oldest first."""
        fills = [fill for day, fill in self.fills if day <= until]
        return walk(fills, opening=self.opening, adopted=[one for day, one in self.adopted if day <= until])

    def position(self, until: date = date.max) -> Position:
        held = self.opening
        for step in self.walk(until):
            held = step.after
        return held


def past_of(account_id: int, contract_id: int, *more: Dated, base: Base) -> Past:
    """All that is later than the base; with adoptions that are about to be made."""
    asked = [account_id, contract_id, base.day or date.min]
    fills = [
        (
            day,
            FillValue(
                account=str(account_id),
                exec_id=exec_id,
                con_id=contract_id,
                side=Side(side),
                quantity=Decimal(0) if busted else quantity,
                price=price,
                at=at,
            ),
        )
        for day, exec_id, side, busted, quantity, price, at in rows_of(FILLS, asked)
    ]
    known = [*adoptions_of(account_id, contract_id), *more]
    adopted = [(day, one) for day, one in known if base.day is None or day > base.day]
    return Past(base.whole.get(contract_id, Position()), fills, adopted)


def position_from(account_id: int, contract_id: int, *more: Dated) -> Position:
    base = base_of_contract(account_id, contract_id)
    if base.day is not None and any(day <= base.day for day, _ in more):
        base = Base()
    return past_of(account_id, contract_id, *more, base=base).position()


def adoptions_of(account_id: int, contract_id: int) -> list[Dated]:
    return [
        (day, Adopted(quantity=quantity, average_cost=cost or Decimal(0), at=at))
        for day, quantity, cost, at in rows_of(ADOPTED, [account_id, contract_id])
    ]
