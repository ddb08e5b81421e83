"""What an account held at the end of a past day: no older fill is read to know what it holds now.

`actions/carry.py` keeps it, some days behind, and the database drops it when something of before is told
late. Where there is none, everything is read from the first fill on, and comes to the same.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from django.db.models import QuerySet

from apps.journal.statements import rows_of
from apps.ledger.models import Fill
from tradingdesk.domain.portfolio import Position

Part = tuple[int, int | None]  # a contract, and the strategy whose fills made it; nobody's is None

BASE = """
    SELECT c.day, p.contract_id, p.whole, p.strategy_id,
        trim_scale(p.quantity), trim_scale(p.average_cost), trim_scale(p.realized)
    FROM ledger_carry c LEFT JOIN ledger_carried p ON p.carry_id = c.id AND p.quantity <> 0
    WHERE c.account_id = %s AND c.day < %s
"""
OF_CONTRACT = """
    SELECT c.day, trim_scale(p.quantity), trim_scale(p.average_cost), trim_scale(p.realized)
    FROM ledger_carry c JOIN ledger_carried p ON p.carry_id = c.id AND p.whole AND p.contract_id = %s
    WHERE c.account_id = %s
"""


@dataclass(frozen=True, slots=True)
class Base:
    """What was held when a day ended; without a day, nothing was, and every fill came later."""

    day: date | None = None
    whole: Mapping[int, Position] = field(default_factory=dict)  # by contract
    parts: Mapping[Part, Position] = field(default_factory=dict)

    def later(self, rows: QuerySet[Fill]) -> QuerySet[Fill]:
        """Of these fills those that are not in it."""
        return rows if self.day is None else rows.filter(trading_day__gt=self.day)


def base_of(account_id: int, before: date) -> Base:
    """The one that is kept, if it is of an earlier day. What was flat then is left out."""
    rows = rows_of(BASE, [account_id, before])
    if not rows:
        return Base()
    whole: dict[int, Position] = {}
    parts: dict[Part, Position] = {}
    for _day, contract_id, is_whole, strategy, *told in rows:
        if is_whole:
            whole[contract_id] = Position(*told)
        elif contract_id is not None:
            parts[contract_id, strategy] = Position(*told)
    return Base(rows[0][0], whole, parts)


def base_of_contract(account_id: int, contract_id: int) -> Base:
    """The same of one contract of the account as a whole. One that was flat keeps what it had realized."""
    rows = rows_of(OF_CONTRACT, [contract_id, account_id])
    return Base(rows[0][0], {contract_id: Position(*rows[0][1:])}) if rows else Base()
