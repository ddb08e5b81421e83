"""What cash moved on a day: by trades, by what no position explains, and what was there before."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db.models import Q

from apps.journal.statements import rows_of
from apps.ledger.models import CashBalance, CashEntry
from apps.ledger.ports import ACCRUAL, ADOPTION, FEE, FLOW, FX, TRADE, VARIATION
from tradingdesk.domain.portfolio.results import Movement, Why

BEING_BOOKED = timedelta(minutes=2)
WHY = {FEE: Why.FEE, ACCRUAL: Why.ACCRUAL, FLOW: Why.FLOW, ADOPTION: Why.ADOPTION, FX: Why.FX}
OF_TRADES = (TRADE, VARIATION)
Whose = int | None  # a strategy; None is the account as a whole


@dataclass(frozen=True, slots=True)
class Moved:
    """What cash moved for one cause, on the day or after it."""

    of_day: bool
    cause: str
    currency: str
    strategy: Whose
    contract_id: int | None
    con_id: int | None
    amount: Decimal


CASH_SINCE = """
    SELECT e.day = %s AS of_day, e.cause, e.currency, f.strategy_id, f.contract_id, c.con_id, sum(e.amount)
    FROM ledger_cashentry e
    LEFT JOIN ledger_fill f ON f.id = e.fill_id LEFT JOIN market_contract c ON c.id = f.contract_id
    WHERE e.account_id = %s AND e.day >= %s GROUP BY 1, 2, 3, 4, 5, 6
"""


def cash_since(account_id: int, day: date) -> list[Moved]:
    return [Moved(*row) for row in rows_of(CASH_SINCE, [day, account_id, day])]


def moved_by_trades(cash: Iterable[Moved]) -> dict[tuple[int, Whose], Decimal]:
    """What the day's trades moved in cash, by contract and strategy."""
    found: dict[tuple[int, Whose], Decimal] = defaultdict(Decimal)
    for one in cash:
        if one.of_day and one.cause in OF_TRADES and one.contract_id is not None:
            found[one.contract_id, one.strategy] += one.amount
    return found


def opening_cash(account_id: int, cash: Iterable[Moved]) -> dict[str, Decimal]:
    """The balances of now less what has moved since the day began."""
    found = {
        row.currency: row.amount + row.accrued for row in CashBalance.objects.filter(account_id=account_id)
    }
    for one in cash:
        if one.currency in found:
            found[one.currency] -= one.amount
    return found


def movements_in(cash: Iterable[Moved]) -> list[Movement]:
    """What no position explains: fees, accruals, money from outside, changes of currency."""
    return [
        Movement(WHY[one.cause], one.currency, one.amount, one.strategy, one.con_id)
        for one in cash
        if one.of_day and one.cause not in OF_TRADES
    ]


def unsettled(account_id: int, since: datetime, before: date) -> list[date]:
    """Days that were over, of which something was booked since; what was just being booked is read twice."""
    late = Q(account_id=account_id, booked_at__gt=since - BEING_BOOKED, day__lt=before)
    return sorted(set(CashEntry.objects.filter(late).values_list("day", flat=True)))
