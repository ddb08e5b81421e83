"""The books as values: cash, holdings and the net asset value, at the newest prices and rates."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

from apps.desks.models import Account
from apps.journal.statements import rows_of
from apps.ledger.models import Adoption, CashBalance, PendingContract
from apps.market.queries import VALUE_COLUMNS, greeks_of, rates_of, read_contract, value_marks
from tradingdesk.domain.market import OPTIONS, Contract
from tradingdesk.domain.money import Money, Reason
from tradingdesk.domain.portfolio import Holding, Nav, Rates, nav_of
from tradingdesk.domain.portfolio.cash import COMBO, PAIR

HELD = f"""
    SELECT c.id, c.confirmed, p.quantity, p.average_cost, {VALUE_COLUMNS}
    FROM ledger_position p JOIN market_contract c ON c.id = p.contract_id
    WHERE p.account_id = %s AND p.quantity <> 0 AND NOT c.sec_type = ANY(%s)
    ORDER BY c.symbol, c.id
"""
NEVER_ADOPTED = "no opening balance was ever taken over"


def cash_of(account: Account) -> tuple[Money, ...]:
    """Cash by currency as the entries sum up, accruals left out. Compare with the broker's CashBalance."""
    rows = CashBalance.objects.filter(account=account).order_by("currency")
    return tuple(Money(row.amount, row.currency) for row in rows)


def accruals_of(account: Account) -> tuple[Money, ...]:
    """Earned or owed and not paid yet, by currency."""
    rows = CashBalance.objects.filter(account=account).exclude(accrued=0).order_by("currency")
    return tuple(Money(row.accrued, row.currency) for row in rows)


def is_opened(account: Account) -> bool:
    """Whether the cash of the account was ever taken over: before that its worth is unknown, not small."""
    return Adoption.objects.filter(account=account, contract=None).exists()


def holdings_of(account: Account, now: datetime) -> tuple[Holding, ...]:
    """What is held, each with the price it is valued at. A currency pair is cash, not a holding."""
    rows = [
        (key, confirmed, quantity, cost, read_contract(*columns))
        for key, confirmed, quantity, cost, *columns in rows_of(HELD, [account.pk, [COMBO, PAIR]])
    ]
    marks = value_marks(key for key, *_ in rows)
    models = greeks_of(key for key, *_, contract in rows if contract.sec_type in OPTIONS)
    found = []
    for key, confirmed, quantity, cost, contract in rows:
        mark = marks.get(key)
        found.append(
            Holding(
                contract=contract,
                quantity=quantity,
                average_cost=cost,
                mark=mark.price if mark else None,
                mark_at=mark.at if mark else None,
                greeks=models.get(key),
                problem=None if confirmed else _undescribed(contract),
            )
        )
    return tuple(found)


def _undescribed(contract: Contract) -> Reason:
    """Nobody knows what a point of a price is in money before the broker has described the contract."""
    name = contract.local_symbol or contract.symbol
    return Reason("CONTRACT_UNCONFIRMED", f"the broker has not described {name} yet")


def nav_now(account: Account, now: datetime) -> Nav:
    """What the account is worth by our own books. The total is None while a part of it is unknown."""
    return nav_at(account, now, rates=rates_of(account, now))


def nav_at(account: Account, now: datetime, *, rates: Rates) -> Nav:
    cash = (*cash_of(account), *accruals_of(account))
    nav = nav_of(cash, holdings_of(account, now), rates, now)
    reasons = tuple(_unknown_cash(account))
    if not reasons:
        return nav
    return Nav(
        at=nav.at,
        base=nav.base,
        cash=nav.cash,
        cash_base=None,
        holdings=nav.holdings,
        total=None,
        exposure=nav.exposure,
        reasons=(*reasons, *nav.reasons),
    )


def _unknown_cash(account: Account) -> Iterator[Reason]:
    if not is_opened(account):
        yield Reason("CASH_NEVER_ADOPTED", NEVER_ADOPTED)
    for row in PendingContract.objects.filter(account=account).select_related("contract"):
        text = f"what {row.contract} has cost waits for the broker's description of it"
        yield Reason("CONTRACT_UNCONFIRMED", text)


def value_in_base(money: Money, rates: Rates, now: datetime) -> Decimal | None:
    """One amount in base; None where nobody can say."""
    converted = rates.to_base(money, now)
    return None if isinstance(converted, Reason) else converted.money.amount
