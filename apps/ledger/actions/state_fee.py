"""Take the statement's commission of an execution as the last word: the books follow, entry by entry."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import transaction

from apps.journal.actions.write_entry import write_entry
from apps.journal.ports import Actor
from apps.ledger.actions.book_cash import settle_cash
from apps.ledger.models import Fill, StatedFee

TOPICS = ("fills", "books")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """The fee as the statement has it; a rebate is below zero."""

    exec_root: str
    amount: Decimal
    currency: str


@transaction.atomic
def state_fee(account_id: int, fee: Stated, *, reason: str, actor: Actor, now: datetime) -> StatedFee | None:
    """None where no execution of ours stands under that id. What the link hears later changes it no more."""
    rows = Fill.objects.select_for_update(of=("self",)).filter(account_id=account_id, superseded=False)
    fill = rows.select_related("contract", "account").filter(exec_root=fee.exec_root).first()
    if fill is None:
        return None
    before = fill.commission
    ruling = StatedFee.objects.create(
        account_id=account_id,
        exec_root=fee.exec_root,
        amount=fee.amount,
        currency=fee.currency,
        before=before,
        reason=reason,
        by=actor.name,
        at=now,
    )
    fill.commission, fill.commission_currency = fee.amount, fee.currency
    fill.save(update_fields=["commission", "commission_currency"])
    settle_cash(account_id, fill.contract, {fill.exec_root})
    write_entry(
        "state_fee",
        subject=fill,
        actor=actor,
        account=fill.account.code,
        reason=reason,
        before={"commission": before},
        after={"commission": fee.amount, "currency": fee.currency, "day": fill.trading_day},
        topics=TOPICS,
    )
    return ruling


def stated_fees(account_id: int) -> dict[str, StatedFee]:
    """The newest of each execution, by the root of its id."""
    rows = StatedFee.objects.filter(account_id=account_id).order_by("at", "pk")
    return {row.exec_root: row for row in rows}
