"""The books made again from what the broker said, beside the books as they were kept.

Reads the evidence itself, not the fills and entries that were made of it; so it can disagree.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from django.db.models import Sum

from apps.broker.models import Evidence
from apps.desks.models import Account
from apps.ledger.actions.state_fee import stated_fees
from apps.ledger.history import adoptions_of
from apps.ledger.models import CashBalance, CashEntry, Position
from apps.ledger.ports import ACCRUAL, ADOPTION, FLOW
from apps.market.models import Contract
from tradingdesk.domain.money import Money, Side
from tradingdesk.domain.portfolio import Booking, Fill, book, commission, fee_flow, flows_of, walk
from tradingdesk.domain.portfolio import Position as Held
from tradingdesk.domain.portfolio.cash import COMBO

PRICE_PLACES, QUANTITY_PLACES = Decimal("0.000001"), Decimal("0.0001")  # as the tables keep them


@dataclass(slots=True)
class Rebuilt:
    """What evidence and adoptions alone make of an account."""

    positions: dict[int, Held] = field(default_factory=dict)  # by the contract's key
    cash: dict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))


def rebuilt_books(account: Account) -> Rebuilt:
    """From the first piece of evidence to the last."""
    told: dict[int, dict[str, list[Fill]]] = defaultdict(lambda: defaultdict(list))  # contract, execution
    fees: dict[str, Money] = {}
    for row in Evidence.objects.filter(kind__in=("execDetails", "commission")).order_by("pk").iterator():
        body = row.fields["body"]
        if row.kind == "commission":
            amount = None if body.get("commission") is None else Decimal(body["commission"])
            fee = commission(amount, body.get("currency", ""))
            if fee is not None:
                fees[row.exec_id] = fee
        elif body.get("account") == account.code:
            fill = _fill(row.exec_id, body, row.received_at)
            known = told[fill.con_id][fill.root]
            if book(known, fill) in (Booking.NEW, Booking.CORRECTION, Booking.BUST):
                known.append(fill)
    for root, stated in stated_fees(account.pk).items():
        for fill in (one for by_root in told.values() for one in by_root.get(root, ())):
            fees[fill.exec_id] = Money(stated.amount, stated.currency)
    rebuilt = Rebuilt()
    contracts = {row.con_id: row for row in Contract.objects.filter(con_id__in=told)}
    for con_id, by_root in told.items():
        fills = [fill for family in by_root.values() for fill in family]
        _rebuild(rebuilt, account, contracts[con_id], fills=fills, fees=fees)
    words = CashEntry.objects.filter(account=account, cause__in=(ADOPTION, FLOW, ACCRUAL)).order_by()
    for currency, amount in words.values_list("currency").annotate(Sum("amount")):
        rebuilt.cash[currency] += amount
    return rebuilt


def _fill(exec_id: str, body: dict[str, str], received_at: datetime) -> Fill:
    return Fill(
        account=body["account"],
        exec_id=exec_id,
        con_id=int(body["con_id"]),
        side=Side.BUY if body.get("side") == "BOT" else Side.SELL,
        quantity=Decimal(body.get("quantity") or "0").quantize(QUANTITY_PLACES),
        price=Decimal(body.get("price") or "0").quantize(PRICE_PLACES),
        at=datetime.fromisoformat(body["time"]) if body.get("time") else received_at,
    )


def _rebuild(
    rebuilt: Rebuilt, account: Account, contract: Contract, *, fills: list[Fill], fees: dict[str, Money]
) -> None:
    value = contract.as_value()
    held = Held()
    adopted = [one for _, one in adoptions_of(account.pk, contract.pk)]
    for step in walk(fills, adopted=adopted):
        held = step.after
        flows = flows_of(value, step)
        if isinstance(step.event, Fill):
            flows += fee_flow(fees.get(step.event.exec_id))
        for flow in flows if contract.confirmed else ():
            rebuilt.cash[flow.money.currency] += flow.money.amount
    if contract.sec_type != COMBO:
        rebuilt.positions[contract.pk] = held


def differences(account: Account) -> Iterator[str]:
    """In words, what the books kept say otherwise than the books made again. Nothing, and they agree."""
    rebuilt = rebuilt_books(account)
    kept = {row.contract_id: row for row in Position.objects.filter(account=account)}
    for contract_id, held in sorted(rebuilt.positions.items()):
        ours = kept[contract_id].quantity if contract_id in kept else Decimal(0)
        if ours != held.quantity:
            yield f"contract {contract_id}: kept {ours}, the evidence makes {held.quantity}"
    balances = {row.currency: row.amount + row.accrued for row in CashBalance.objects.filter(account=account)}
    for currency in sorted({*balances, *rebuilt.cash}):
        ours, theirs = balances.get(currency, Decimal(0)), rebuilt.cash.get(currency, Decimal(0))
        if ours != theirs:
            yield f"{currency}: kept {ours}, the evidence makes {theirs}"
