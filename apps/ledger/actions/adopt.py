"""Take over the broker's value where the books have another one, or none: by a person, with a reason.

The value holds from the moment at which the broker told it. What took effect before that moment and is
told later is in the value already.
"""

from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Sum

from apps.desks.models import Account
from apps.journal.actions.write_entry import write_entry
from apps.journal.ports import Actor
from apps.ledger.actions.book_cash import settle_cash, write_cash
from apps.ledger.actions.rebuild_position import rebuild_position
from apps.ledger.history import position_from
from apps.ledger.models import AccountValue, Adoption, CashBalance, CashEntry, Position
from apps.ledger.ports import ACCRUAL, ADOPTION
from apps.market.models import Contract
from apps.market.queries import books_day, value_marks
from tradingdesk.domain.portfolio import Adopted
from tradingdesk.domain.portfolio import Position as Held
from tradingdesk.domain.portfolio.cash import PLACES
from tradingdesk.domain.portfolio.nav import VARIATION_ONLY

TOPICS = ("positions", "books")
CASH_TAG = "CashBalance"


class AdoptionRefused(Exception):
    """Nothing was taken over; the code and the words say why."""

    code = "ADOPTION_WITHOUT_REASON"


@transaction.atomic
def adopt_position(
    account: Account,
    contract: Contract,
    *,
    quantity: Decimal,
    average_cost: Decimal | None,
    reason: str,
    actor: Actor,
    now: datetime,
) -> Adoption:
    """From now on the books hold this quantity at this cost, in quoted price; later fills go on from it."""
    _ask_why(reason)
    Account.objects.select_for_update().get(pk=account.pk)
    row = Position.objects.filter(account=account, contract=contract).first()
    told = row is not None and row.broker_quantity == quantity and row.broker_at is not None
    at = row.broker_at if told and row is not None and row.broker_at is not None else now
    taken, day = Adopted(quantity=quantity, average_cost=average_cost or Decimal(0), at=at), books_day(at)
    mark = value_marks([contract.pk]).get(contract.pk)
    before = position_from(account.pk, contract.pk)
    after = position_from(account.pk, contract.pk, (day, taken))
    adoption = Adoption.objects.create(
        account=account,
        contract=contract,
        quantity=quantity,
        average_cost=average_cost,
        mark=mark.price if mark else None,
        worth=_worth(contract, before, after, price=mark.price if mark else average_cost),
        before={"quantity": str(before.quantity), "average_cost": str(before.average_cost)},
        reason=reason,
        actor=actor.name,
        at=at,
        trading_day=day,
        made_at=now,
    )
    rebuild_position(account.pk, contract.pk)
    if contract.sec_type in VARIATION_ONLY:
        settle_cash(account.pk, contract, ())
    _tell(adoption, actor, after={"contract": contract.con_id, "quantity": quantity, "cost": average_cost})
    return adoption


@transaction.atomic
def adopt_cash(
    account: Account, currency: str, *, amount: Decimal, reason: str, actor: Actor, now: datetime
) -> Adoption:
    """From now on the books have this much of the currency: the difference is one entry of its own."""
    _ask_why(reason)
    Account.objects.select_for_update().get(pk=account.pk)
    told = AccountValue.objects.filter(account=account, tag=CASH_TAG, currency=currency).first()
    at = told.at if told is not None and told.value == amount and told.at <= now else now
    balance = CashBalance.objects.filter(account=account, currency=currency).first()
    before = balance.amount if balance else Decimal(0)
    adoption = Adoption.objects.create(
        account=account,
        currency=currency,
        amount=amount,
        before={"amount": str(before)},
        reason=reason,
        actor=actor.name,
        at=at,
        trading_day=books_day(at),
        made_at=now,
    )
    difference = amount - (before - _moved_since(account, currency, at))
    if difference:
        entry = CashEntry(
            account=account, currency=currency, amount=difference, cause=ADOPTION, adoption=adoption
        )
        entry.day, entry.at, entry.note = adoption.trading_day, at, reason
        write_cash([entry])
    _tell(adoption, actor, after={"currency": currency, "amount": amount})
    return adoption


@transaction.atomic
def adopt_opening(account: Account, *, reason: str, actor: Actor, now: datetime) -> list[Adoption]:
    """Everything the broker tells of an account that the books have otherwise: its cash and its positions."""
    _ask_why(reason)
    adopted = []
    for told in AccountValue.objects.filter(account=account, tag=CASH_TAG).exclude(currency="BASE"):
        ours = CashBalance.objects.filter(account=account, currency=told.currency).first()
        known = Adoption.objects.filter(account=account, currency=told.currency).exists()
        if not known or ours is None or ours.amount != told.value:
            value = {"amount": told.value, "reason": reason, "actor": actor, "now": now}
            adopted.append(adopt_cash(account, told.currency, **value))  # type: ignore[arg-type]
    for row in Position.objects.filter(account=account).select_related("contract"):
        if row.broker_quantity is not None and row.broker_quantity != row.quantity:
            adopted.append(
                adopt_position(
                    account,
                    row.contract,
                    quantity=row.broker_quantity,
                    average_cost=row.broker_cost,
                    reason=reason,
                    actor=actor,
                    now=now,
                )
            )
    return adopted


def _ask_why(reason: str) -> None:
    if not reason.strip():
        raise AdoptionRefused("say why the broker's value is taken over")


def _worth(contract: Contract, before: Held, after: Held, *, price: Decimal | None) -> Decimal | None:
    """What the books gained by it, in the contract's money; unknown without a price or the unit of one."""
    if price is None or not contract.confirmed:
        return None
    return _value(after, price, contract) - _value(before, price, contract)


def _value(held: Held, price: Decimal, contract: Contract) -> Decimal:
    value = contract.as_value()
    paid = held.average_cost if value.sec_type in VARIATION_ONLY else Decimal(0)
    return (held.quantity * (price - paid) * value.money_per_point).quantize(PLACES)


def _moved_since(account: Account, currency: str, at: datetime) -> Decimal:
    later = CashEntry.objects.filter(account=account, currency=currency, at__gt=at).exclude(cause=ACCRUAL)
    return Decimal(later.aggregate(total=Sum("amount"))["total"] or 0)


def _tell(adoption: Adoption, actor: Actor, *, after: dict[str, object]) -> None:
    write_entry(
        "adopt_position" if adoption.contract_id else "adopt_cash",
        subject=adoption,
        actor=actor,
        account=adoption.account.code,
        reason=adoption.reason,
        before=adoption.before,
        after={**after, "from": adoption.at},
        topics=TOPICS,
    )
