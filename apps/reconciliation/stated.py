"""What the broker's statements make of a strategy's days: how far its result is from ours."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet

from apps.desks.models import Account, Strategy
from apps.ledger.actions.state_fee import Stated
from apps.ledger.models import Fill
from apps.reconciliation.models import STATEMENT, Break, Statement
from apps.reconciliation.stated_days import statement_days
from apps.reconciliation.theirs import COMBO, SELLS
from tradingdesk.domain.money import Side
from tradingdesk.domain.portfolio import root_and_revision
from tradingdesk.domain.reconciliation import Kind

ZERO = Decimal(0)
FEE = "fee "  # how a case of a commission begins to tell either side
Cash = dict[str, Decimal] | None  # by currency; none when a fee has not been told


def stated_differences(strategy: Strategy, account: Account, since: date) -> dict[date, Decimal | None]:
    """Theirs less ours in the account's own money, for each day that has a statement; the newest one counts.

    None: a fee is not told yet, or the difference is in a currency of which the statement gives no rate.
    """
    stated = _executions(account, since)
    said = {root: day for day, told in stated.items() for root in told}
    rows = Fill.objects.filter(account=account, strategy=strategy, superseded=False, busted=False)
    rows = rows.filter(Q(trading_day__in=stated) | Q(exec_root__in=list(said)))
    fills = list(rows.exclude(contract__sec_type=COMBO).select_related("contract"))
    ours: dict[date, list[Fill]] = defaultdict(list)
    for fill, day in zip(fills, statement_days(fills, said).values(), strict=True):
        ours[day].append(fill)
    return {day: _difference(ours[day], told, account.base_currency) for day, told in stated.items()}


def _executions(account: Account, since: date) -> dict[date, dict[str, Mapping[str, Any]]]:
    """By day and by the root of the execution's id, which a correction keeps."""
    rows = Statement.objects.filter(account=account, day__gte=since).order_by("taken_at", "pk")
    return {
        day: {root_and_revision(one["exec_id"])[0]: one for one in body["executions"]}
        for day, body in rows.values_list("day", "body")
    }


def _difference(fills: Iterable[Fill], told: Mapping[str, Mapping[str, Any]], base: str) -> Decimal | None:
    total: dict[str, Decimal] = defaultdict(lambda: ZERO)
    for fill in fills:
        row = told.get(fill.exec_root)
        mine, theirs = _our_cash(fill), {} if row is None else _their_cash(row, fill)
        if mine is None or theirs is None:
            return None
        for currency in mine.keys() | theirs.keys():
            total[currency] += theirs.get(currency, ZERO) - mine.get(currency, ZERO)
    foreign = any(amount for currency, amount in total.items() if currency != base)
    return None if foreign else total[base]


def _our_cash(fill: Fill) -> Cash:
    signed = Side(fill.side).signed(fill.quantity)
    return _cash(fill, signed * fill.price, fill.commission, fill.commission_currency)


def _their_cash(row: Mapping[str, Any], fill: Fill) -> Cash:
    signed = Decimal(row["quantity"]) * (-1 if row["side"] in SELLS else 1)
    fee = row.get("commission")
    paid_in = row.get("commission_currency") or fill.commission_currency
    return _cash(fill, signed * Decimal(row["price"]), None if fee is None else Decimal(fee), paid_in)


def _cash(fill: Fill, value: Decimal, fee: Decimal | None, paid_in: str) -> Cash:
    """What an execution did to the cash."""
    if fee is None:
        return None
    contract = fill.contract
    cash = {contract.currency: -value * contract.multiplier / contract.price_magnifier}
    cash[paid_in or contract.currency] = cash.get(paid_in or contract.currency, ZERO) - fee
    return cash


def stated_fee_of(case: Break) -> Stated | None:
    """The commission that the case's statement tells of its execution; None where the case is of no fee."""
    if case.kind != Kind.EXECUTION_TERMS.value or not case.theirs.startswith(FEE):
        return None
    row = _row_of(case)
    if row is None or row.get("commission") is None:
        return None
    currency = row.get("commission_currency") or case.account.base_currency
    return Stated(exec_root=case.key, amount=Decimal(row["commission"]), currency=currency)


def stated_execution_of(case: Break) -> Mapping[str, Any] | None:
    """The execution that the case's statement has and our books lack, or have in an older revision."""
    if case.kind == Kind.EXECUTION_TERMS.value and case.theirs.startswith(FEE):
        return None
    row = _row_of(case) if case.kind in (Kind.EXECUTION_THEIRS_ONLY, Kind.EXECUTION_TERMS) else None
    return row if row is not None and _is_later(case.account_id, row["exec_id"]) else None


def fill_to_take_back(case: Break) -> Fill | None:
    """The fill of ours that the other side does not have: it was taken back, or never was."""
    if case.kind != Kind.EXECUTION_OURS_ONLY:
        return None
    standing = Fill.objects.filter(account_id=case.account_id, exec_root=case.key, superseded=False)
    return standing.filter(busted=False).select_related("contract", "order").first()


def statements_behind(account_id: int, source: str) -> QuerySet[Statement]:
    """The day's that a case of this source is about, the newest form first; none for the live broker's."""
    if not source.startswith(STATEMENT):
        return Statement.objects.none()
    day = date.fromisoformat(source.removeprefix(STATEMENT))
    return Statement.objects.filter(account_id=account_id, day=day).order_by("-taken_at", "-pk")


def _row_of(case: Break) -> Mapping[str, Any] | None:
    """What the case's statement tells of its execution, in the newest form in which it came in."""
    for statement in statements_behind(case.account_id, case.source):
        for row in statement.body["executions"]:
            if root_and_revision(row["exec_id"])[0] == case.key:
                found: Mapping[str, Any] = row
                return found
    return None


def _is_later(account_id: int, exec_id: str) -> bool:
    root, revision = root_and_revision(exec_id)
    known = Fill.objects.filter(account_id=account_id, exec_root=root, revision__gte=revision)
    return not known.exists()
