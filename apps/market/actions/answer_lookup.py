"""Store what the broker answered to "which contract is this?"."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction

from apps.journal import clock
from apps.journal.actions.write_entry import write_entry
from apps.journal.ports import Actor
from apps.market.models import Contract, ContractChange, Lookup
from tradingdesk.domain.market import changed_fields
from tradingdesk.domain.money import Reason

LINK = Actor("link", "link")
ASK_AGAIN_AFTER = timedelta(hours=20)  # once a day, and a little earlier each day rather than later
WAITS = timedelta(hours=1)
REASONS = {"CHANGE_WITHOUT_REASON": "A changed contract is only taken over with a reason."}


@dataclass(frozen=True, slots=True)
class Found:
    """The one contract that fits, with the steps of its price from the market rule."""

    values: dict[str, Any]
    tick_steps: list[list[str]]


class ChangeRefused(Exception):
    """The change was not taken over; the code and the words say why."""

    code = "CHANGE_WITHOUT_REASON"


@transaction.atomic
def answer_lookup(lookup_id: int, answer: Found | str) -> Contract | None:
    """A text is a problem, in words for the person whose plan has to wait for it.

    A contract that is not what it was is a problem too: the desk's own row stays until a person looks.
    """
    lookup = Lookup.objects.select_for_update().get(pk=lookup_id)
    lookup.answered_at = clock.now()
    contract, reason = None, Reason("CONTRACT_UNKNOWN", answer) if isinstance(answer, str) else None
    if isinstance(answer, Found):
        contract, reason = _save(answer)
    if reason is None:
        lookup.contract, lookup.state, lookup.problem = contract, Lookup.FOUND, ""
    else:
        lookup.state, lookup.problem = Lookup.REFUSED, reason.text
    lookup.save()
    write_entry(
        "answer_lookup",
        subject=lookup,
        actor=LINK,
        reason_code=reason.code if reason else "",
        reason=lookup.problem,
        after={"symbol": lookup.symbol, "con_id": contract.con_id if contract else None},
        topics=("plans",),
    )
    return None if reason else contract


def _save(found: Found) -> tuple[Contract, Reason | None]:
    values = {**found.values, "tick_steps": found.tick_steps, "checked_at": clock.now(), "confirmed": True}
    con_id = values.pop("con_id")
    known = Contract.objects.select_for_update().filter(con_id=con_id).first()
    if known is not None and known.confirmed:
        told = changed_fields({name: getattr(known, name) for name in values}, values)
        if told:
            return known, _refuse(known, told)
        ContractChange.objects.filter(contract=known, settled_at=None).update(
            settled_at=clock.now(), settled_by="broker", why_settled="the broker tells what it told before"
        )
    contract, _ = Contract.objects.update_or_create(con_id=con_id, defaults=values)
    return contract, None


def _plain(value: object) -> str:
    """A number as a person writes it; the column has noughts behind it."""
    return f"{value.normalize():f}" if isinstance(value, Decimal) else str(value)


def _refuse(contract: Contract, told: dict[str, tuple[Any, Any]]) -> Reason:
    fields = {name: [_plain(was), _plain(now)] for name, (was, now) in told.items()}
    words = ", ".join(f"{name.replace('_', ' ')} {was} → {now}" for name, (was, now) in fields.items())
    reason = Reason("CONTRACT_CHANGED", f"{contract.symbol} is not what it was: {words}")
    now = clock.now()
    row, _ = ContractChange.objects.get_or_create(
        contract=contract, settled_at=None, defaults={"told": fields, "first_at": now, "last_at": now}
    )
    row.told, row.last_at, row.reason_code, row.reason = fields, now, reason.code, reason.text
    row.save()
    return reason


@transaction.atomic
def take_over_change(change_id: int, *, reason: str, actor: Actor, now: datetime) -> ContractChange:
    """The broker is right: the contract is from now on what it tells, and is asked for once more."""
    if not reason.strip():
        raise ChangeRefused("say why the contract may change")
    row = ContractChange.objects.select_for_update(of=("self",)).select_related("contract").get(pk=change_id)
    if row.settled_at is not None:
        return row
    Contract.objects.filter(pk=row.contract_id).update(confirmed=False)
    row.settled_at, row.settled_by, row.why_settled = now, actor.name, reason
    row.save()
    ask_description(row.contract, now)
    Lookup.objects.filter(contract=row.contract).update(state=Lookup.ASKED, asked_at=now, problem="")
    write_entry(
        "take_over_change",
        subject=row,
        actor=actor,
        reason=reason,
        before={name: was for name, (was, _) in row.told.items()},
        after={name: told for name, (_, told) in row.told.items()},
        topics=("books",),
    )
    return row


def ask_lookup(
    symbol: str, *, sec_type: str = "STK", exchange: str = "SMART", currency: str = "USD"
) -> Lookup:
    """Ask once; a question answered before is not asked again, a refused one is."""
    lookup, new = Lookup.objects.get_or_create(
        symbol=symbol,
        sec_type=sec_type,
        exchange=exchange,
        currency=currency,
        con_id=0,
        defaults={"asked_at": clock.now()},
    )
    if not new and lookup.state == Lookup.REFUSED:
        Lookup.objects.filter(pk=lookup.pk).update(state=Lookup.ASKED, asked_at=clock.now(), problem="")
    return lookup


def ask_description(contract: Contract, now: datetime) -> Lookup:
    """Ask by the broker's own number: what exactly is it that we hold?"""
    lookup, _ = Lookup.objects.update_or_create(
        symbol=contract.symbol,
        sec_type=contract.sec_type,
        exchange=contract.exchange,
        currency=contract.currency,
        con_id=contract.con_id,
        defaults={"asked_at": now, "state": Lookup.ASKED, "problem": ""},
    )
    return lookup


def ask_old_again(now: datetime) -> int:
    """Every contract that was described is described again once a day, so that a change is noticed."""
    old = Lookup.objects.filter(state=Lookup.FOUND, answered_at__lt=now - ASK_AGAIN_AFTER)
    return old.update(state=Lookup.ASKED, asked_at=now)


def ask_refused_again(now: datetime) -> int:
    """The books wait for it: what the broker could not describe an hour ago it may know by now."""
    waiting = Contract.objects.filter(confirmed=False).values("con_id")
    refused = Lookup.objects.filter(state=Lookup.REFUSED, con_id__in=waiting, answered_at__lt=now - WAITS)
    return refused.update(state=Lookup.ASKED, asked_at=now)


def steps_as_text(steps: list[tuple[Decimal, Decimal]]) -> list[list[str]]:
    return [[str(low), str(increment)] for low, increment in steps]
