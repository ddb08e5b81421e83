"""Keep a broker's statement and compare the books of its day with it: the third side."""

import time
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Case, F, IntegerField, Q, Sum, Value, When

from apps.desks.models import Account
from apps.journal.actions.write_entry import write_entry
from apps.journal.ports import Actor
from apps.ledger.books import is_opened
from apps.ledger.models import CashEntry, Fill, Position
from apps.ledger.ports import ACCRUAL
from apps.reconciliation.actions.keep_breaks import TOPICS, keep_breaks
from apps.reconciliation.causes import Suspect
from apps.reconciliation.comparing import EXECUTION_KINDS, POSITION_KINDS, Found
from apps.reconciliation.models import Run, Statement
from apps.reconciliation.ours import plain, unit_worths
from apps.reconciliation.stated import statements_behind
from apps.reconciliation.stated_days import Counted, counted_by, roots_of
from apps.reconciliation.theirs import COMBO, executed
from tradingdesk.domain.money import Side
from tradingdesk.domain.portfolio import root_and_revision
from tradingdesk.domain.reconciliation import (
    Difference,
    Executed,
    Held,
    Kind,
    Known,
    cash_rule,
    compare,
    execution_rule,
    position_rule,
)

CENT = Decimal("0.01")
ZERO = Decimal(0)


@transaction.atomic
def keep_statement(
    account: Account, day: date, body: dict[str, Any], *, name: str, digest: str, actor: Actor, now: datetime
) -> tuple[Statement, Run | None]:
    """The statement, and its comparison; none when these very bytes were taken before."""
    began = time.perf_counter()
    Account.objects.select_for_update().get(pk=account.pk)
    known = Statement.objects.filter(account=account, day=day, digest=digest).first()
    if known is not None:
        return known, None
    statement = Statement.objects.create(
        account=account, day=day, name=name, digest=digest, taken_by=actor.name, taken_at=now, body=body
    )
    run = _compare_and_keep(statement, now, began)
    write_entry(
        "take_statement",
        subject=statement,
        actor=actor,
        account=account.code,
        reason_code=run.reason_code,
        reason=run.reason,
        after={"day": day, "name": name, "digest": digest, "differences": run.differences},
        topics=TOPICS,
    )
    return statement, run


def compare_again(account: Account, source: str, now: datetime) -> None:
    """The books of a statement's day have changed: what its newest form differed in may agree now."""
    statement = statements_behind(account.pk, source).first()
    if statement is not None:
        _compare_and_keep(statement, now, time.perf_counter())


def _compare_and_keep(statement: Statement, now: datetime, began: float) -> Run:
    run = _compare(statement, now)
    run.duration_ms = round(1000 * (time.perf_counter() - began), 1)
    run.save(update_fields=["duration_ms"])
    statement.run = run
    statement.save(update_fields=["run"])
    return run


def _compare(statement: Statement, now: datetime) -> Run:
    account, day, body = statement.account, statement.day, statement.body
    counted = counted_by(account, day, roots_of(body))
    found = [*_executions(counted, body, now), *_positions(account, counted, body, now)]
    found += _cash(account, counted, body, now)
    kinds = EXECUTION_KINDS | POSITION_KINDS | {Kind.CASH_AMOUNT}
    kept = keep_breaks(account, found, kinds, now=now, day=day, source=statement.source)
    differ = len(kept.standing)
    return Run.objects.create(
        account=account,
        about=Run.STATEMENT,
        at=now,
        told_at=now,
        level=Run.BREAKS if differ else Run.PASS,
        reason_code="RECONCILIATION_BREAKS" if differ else "RECONCILIATION_PASS",
        reason=f"statement of {day}: {differ} differ" if differ else f"statement of {day} agrees",
        compared={name: {"theirs": len(body[name])} for name in ("executions", "positions", "cash")},
        differences=differ,
    )


def _executions(counted: Counted, body: dict[str, Any], now: datetime) -> list[Found]:
    """Terms of each execution, and what it cost."""
    ours: dict[str, Executed] = {}
    fees: dict[str, Decimal | None] = {}
    con_ids: dict[str, int] = {}
    for fill in counted.of_day:
        signed = Side(fill.side).signed(fill.quantity)
        ours[fill.exec_root] = Executed(
            signed_quantity=plain(signed), price=plain(fill.price), size=plain(fill.quantity * fill.price)
        )
        fees[fill.exec_root], con_ids[fill.exec_root] = fill.commission, fill.contract.con_id
    theirs: dict[str, Executed] = {}
    told: dict[str, dict[str, Any]] = {}
    for row in body["executions"]:
        root = root_and_revision(row["exec_id"])[0]
        if row.get("sec_type") != COMBO:
            theirs[root], told[root] = executed(row), row
            con_ids.setdefault(root, int(row["con_id"]))
    found = []
    for one in compare(ours, Known(theirs, now), execution_rule) or ():
        late = one.kind is Kind.EXECUTION_THEIRS_ONLY
        cause = "a fill that never reached us" if late else "a correction after the close, or taken back"
        found.append(Found(difference=one, con_id=con_ids.get(one.key), suspect=Suspect(cause)))
    differing = {one.difference.key for one in found}
    for root in sorted(set(ours) & set(theirs) - differing):
        fee = _fee(root, fees[root], told[root])
        if fee is not None:
            currency = str(told[root]["commission_currency"])
            suspect = Suspect("the statement's commission is the last word")
            found.append(Found(difference=fee, con_id=con_ids[root], suspect=suspect, currency=currency))
    return found


def _fee(root: str, ours: Decimal | None, row: dict[str, Any]) -> Difference | None:
    if row.get("commission") is None:
        return None
    theirs = Decimal(row["commission"])
    if ours is not None and abs(ours - theirs) < CENT:
        return None
    return Difference(
        kind=Kind.EXECUTION_TERMS,
        key=root,
        ours="fee not known" if ours is None else f"fee {ours.quantize(CENT):f}",
        theirs=f"fee {theirs.quantize(CENT):f}",
        size=abs(theirs - (ours or ZERO)),
    )


def _positions(account: Account, counted: Counted, body: dict[str, Any], now: datetime) -> list[Found]:
    """What we held when that day was over: now, less what was traded since."""
    signed = Case(When(side="SELL", then=Value(-1)), default=Value(1), output_field=IntegerField())
    later = Fill.objects.filter(account=account, superseded=False, busted=False)
    later = later.filter(Q(trading_day__gt=counted.day) | Q(pk__in=counted.later)).exclude(
        pk__in=counted.earlier
    )
    since = dict(later.values_list("contract_id").annotate(total=Sum(F("quantity") * signed)))
    counts: dict[str, Decimal] = {}
    for row in Position.objects.filter(account=account).select_related("contract"):
        held = row.quantity - since.get(row.contract_id, ZERO)
        if held:
            counts[str(row.contract.con_id)] = held
    told = {str(row["con_id"]): Decimal(row["quantity"]) for row in body["positions"]}
    worth = unit_worths(account, {*counts, *told}, now)
    ours, theirs = (
        {key: Held(quantity=plain(count), worth=worth.get(key)) for key, count in side.items()}
        for side in (counts, told)
    )
    suspect = Suspect("the close of the day differs", ("the broker's statement is the last word on it",))
    return [
        Found(difference=one, con_id=int(one.key), suspect=suspect)
        for one in compare(ours, Known(theirs, now), position_rule(now)) or ()
    ]


def _cash(account: Account, counted: Counted, body: dict[str, Any], now: datetime) -> list[Found]:
    entries = CashEntry.objects.filter(account=account).exclude(cause=ACCRUAL)
    entries = entries.filter(Q(day__lte=counted.day) | Q(fill__in=counted.earlier)).exclude(
        fill__in=counted.later
    )
    ours = dict(entries.values_list("currency").annotate(total=Sum("amount")))
    if not is_opened(account):
        return []  # the books have no opening balance: there is nothing to compare
    mine = {currency: Decimal(total).quantize(CENT) for currency, total in ours.items()}
    theirs = {row["currency"]: Decimal(row["amount"]) for row in body["cash"]}
    suspect = Suspect("a booking that only the broker has: a fee, interest, a dividend or a transfer")
    return [
        Found(difference=one, con_id=None, suspect=suspect, currency=one.key)
        for one in compare(mine, Known(theirs, now), cash_rule(CENT)) or ()
    ]
