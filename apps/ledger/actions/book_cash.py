"""The cash of the books: one transaction with the fill, the fee or the word that moves it.

Entries are never edited. What an execution should have moved is worked out anew each time something about
it changes; an entry that is wrong is taken back by a second one, and the right one is written beside it.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal

from django.db import transaction

from apps.desks.models import Account
from apps.journal import clock
from apps.journal.statements import Part, insert_rows, rows_of
from apps.ledger.carried import Base, base_of_contract
from apps.ledger.history import past_of, value_of_fill
from apps.ledger.models import Adoption, CashEntry, Fill, PendingContract
from apps.ledger.ports import ACCRUAL, ADOPTION
from apps.market.models import Contract
from tradingdesk.domain.money import Money
from tradingdesk.domain.portfolio import Flow, Step, fee_flow, flows_of
from tradingdesk.domain.portfolio.nav import VARIATION_ONLY
from tradingdesk.domain.portfolio.positions import Position, after_trade

KEEP = """
    INSERT INTO ledger_cashbalance (account_id, currency, amount, accrued, changed_at)
    VALUES (%s, %s, %s, %s, %s)
    ON CONFLICT (account_id, currency) DO UPDATE SET amount = ledger_cashbalance.amount + excluded.amount,
        accrued = ledger_cashbalance.accrued + excluded.accrued, changed_at = excluded.changed_at
"""
_F, _E, _D = Part(Fill, "f"), Part(CashEntry, "e"), Part(Adoption, "d")
TOUCHED = (
    "FROM ledger_fill f WHERE f.account_id = %s AND f.contract_id = %s AND f.exec_root = ANY(%s::text[])"
)
STANDING = """
    FROM ledger_cashentry e WHERE e.fill_id = ANY(%s::bigint[]) AND e.reverses_id IS NULL AND e.cause <> %s
        AND NOT EXISTS (SELECT FROM ledger_cashentry back WHERE back.reverses_id = e.id)
"""
ADOPTED = (
    "FROM ledger_adoption d WHERE d.account_id = ANY(%s::bigint[]) AND d.contract_id IS NULL ORDER BY d.at"
)
Key = tuple[int, str, str]  # fill, currency, cause


def settle_cash(account_id: int, contract: Contract, roots: Iterable[str]) -> list[CashEntry]:
    """Make the entries of these executions what they should be now. Runs in the caller's transaction.

    A future's result hangs on all that came before: all its executions since what is kept are looked at.
    Before the broker has described a contract nobody knows what a point of its price is: its cash waits.
    """
    if not contract.confirmed:
        PendingContract.objects.get_or_create(account_id=account_id, contract=contract)
        return []
    rows, base = _F.rows(TOUCHED, [account_id, contract.pk, list(roots)]), Base()
    if contract.sec_type in VARIATION_ONLY:
        base = base_of_contract(account_id, contract.pk)
        if base.day is not None and any(fill.trading_day <= base.day for fill in rows):
            base = Base()
        rows = list(base.later(Fill.objects.filter(account_id=account_id, contract=contract)))
    wanted = {
        (fill.pk, flow.money.currency, flow.cause.value): flow.money.amount
        for fill, flow in _flows(account_id, contract, rows, base=base)
    }
    return _restate({fill.pk: fill for fill in rows}, wanted)


def settle_described() -> int:
    """Settle the executions that waited for the description of their contract. How many contracts."""
    waiting = PendingContract.objects.filter(contract__confirmed=True).select_related("contract")
    for row in waiting:
        with transaction.atomic():
            Account.objects.select_for_update().get(pk=row.account_id)
            fills = Fill.objects.filter(account_id=row.account_id, contract=row.contract)
            settle_cash(row.account_id, row.contract, fills.values_list("exec_root", flat=True))
            row.delete()
    return len(waiting)


def _flows(
    account_id: int, contract: Contract, rows: Sequence[Fill], *, base: Base
) -> Iterable[tuple[Fill, Flow]]:
    value = contract.as_value()
    by_exec = {fill.exec_id: fill for fill in rows if not fill.superseded and not fill.busted}
    for fill in by_exec.values():
        for flow in fee_flow(_fee(fill)):
            yield fill, flow
    if contract.sec_type in VARIATION_ONLY:
        walked = past_of(account_id, contract.pk, base=base).walk()
        steps = [step for step in walked if hasattr(step.event, "exec_id")]
    else:
        steps = [_alone(fill) for fill in by_exec.values()]
    for step in steps:
        for flow in flows_of(value, step):
            yield by_exec[step.event.exec_id], flow  # type: ignore[union-attr]


def _alone(fill: Fill) -> Step:
    """What is paid for a share does not hang on what was held."""
    value = value_of_fill(fill)
    after = after_trade(Position(), value.side, quantity=value.quantity, price=value.price)
    return Step(value, Position(), after)


def _fee(fill: Fill) -> Money | None:
    return None if fill.commission is None else Money(fill.commission, fill.commission_currency)


def _restate(fills: dict[int, Fill], wanted: dict[Key, Decimal]) -> list[CashEntry]:
    back, kept = [], set()
    for entry in _E.rows(STANDING, [list(fills), ADOPTION]):
        key = (int(entry.fill_id or 0), entry.currency, entry.cause)
        if wanted.get(key) == entry.amount and key not in kept:
            kept.add(key)
        else:
            back.append(_reversal(entry))
    new = [
        _entry(fills[fill_id], currency=currency, cause=cause, amount=amount)
        for (fill_id, currency, cause), amount in wanted.items()
        if (fill_id, currency, cause) not in kept
    ]
    return write_cash([*back, *new])


def _reversal(entry: CashEntry) -> CashEntry:
    return CashEntry(
        account_id=entry.account_id,
        currency=entry.currency,
        amount=-entry.amount,
        cause=entry.cause,
        fill_id=entry.fill_id,
        reverses=entry,
        day=entry.day,
        at=entry.at,
        note=f"takes back entry {entry.pk}",
    )


def _entry(fill: Fill, *, currency: str, cause: str, amount: Decimal) -> CashEntry:
    return CashEntry(
        account_id=fill.account_id,
        currency=currency,
        amount=amount,
        cause=cause,
        fill=fill,
        day=fill.trading_day,
        at=fill.at,
        note=f"execution {fill.exec_id}",
    )


def write_cash(entries: Sequence[CashEntry]) -> list[CashEntry]:
    """Append, and move the balances. What took effect before a balance was adopted is in that balance."""
    if not entries:
        return []
    told = [*entries, *_in_adopted(entries)]
    now = clock.now()
    for entry in told:
        entry.booked_at = now
    insert_rows(told)
    moved: dict[tuple[int, str], list[Decimal]] = defaultdict(lambda: [Decimal(0), Decimal(0)])
    for entry in told:
        moved[entry.account_id, entry.currency][entry.cause == ACCRUAL] += entry.amount
    for (account_id, currency), (cash, accrued) in sorted(moved.items()):
        rows_of(KEEP, [account_id, currency, cash, accrued, now])
    return told


def _in_adopted(entries: Sequence[CashEntry]) -> list[CashEntry]:
    rows = _D.rows(ADOPTED, [list({entry.account_id for entry in entries})])
    newest = {(row.account_id, row.currency): row for row in rows}
    counter = []
    for entry in entries:
        adopted = newest.get((entry.account_id, entry.currency))
        late = adopted is not None and entry.at <= adopted.at
        if late and entry.cause not in (ADOPTION, ACCRUAL):
            counter.append(
                CashEntry(
                    account_id=entry.account_id,
                    currency=entry.currency,
                    amount=-entry.amount,
                    cause=ADOPTION,
                    adoption=adopted,
                    day=entry.day,
                    at=entry.at,
                    note=f"in the adopted balance already: {entry.note}",
                )
            )
    return counter
