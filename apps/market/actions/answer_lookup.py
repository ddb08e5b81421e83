"""Store what the broker answered to "which contract is this?"."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import transaction

from apps.journal import clock
from apps.journal.actions.write_entry import write_entry
from apps.journal.ports import Actor
from apps.market.models import Contract, Lookup

LINK = Actor("link", "link")


@dataclass(frozen=True, slots=True)
class Found:
    """The one contract that fits, with the steps of its price from the market rule."""

    values: dict[str, Any]
    tick_steps: list[list[str]]


@transaction.atomic
def answer_lookup(lookup_id: int, answer: Found | str) -> Contract | None:
    """A text is a problem, in words for the person whose plan has to wait for it."""
    lookup = Lookup.objects.select_for_update().get(pk=lookup_id)
    lookup.answered_at = clock.now()
    if isinstance(answer, str):
        lookup.state, lookup.problem = Lookup.REFUSED, answer
    else:
        lookup.contract = _save(answer)
        lookup.state, lookup.problem = Lookup.FOUND, ""
    lookup.save()
    write_entry(
        "answer_lookup",
        subject=lookup,
        actor=LINK,
        reason_code="" if lookup.contract else "CONTRACT_UNKNOWN",
        reason=lookup.problem,
        after={"symbol": lookup.symbol, "con_id": lookup.contract.con_id if lookup.contract else None},
        topics=("plans",),
    )
    return lookup.contract


def _save(found: Found) -> Contract:
    values = {**found.values, "tick_steps": found.tick_steps, "checked_at": clock.now()}
    contract, _ = Contract.objects.update_or_create(con_id=values.pop("con_id"), defaults=values)
    return contract


def ask_lookup(
    symbol: str, *, sec_type: str = "STK", exchange: str = "SMART", currency: str = "USD"
) -> Lookup:
    """Ask once; a question answered before is not asked again, a refused one is."""
    lookup, new = Lookup.objects.get_or_create(
        symbol=symbol,
        sec_type=sec_type,
        exchange=exchange,
        currency=currency,
        defaults={"asked_at": clock.now()},
    )
    if not new and lookup.state == Lookup.REFUSED:
        Lookup.objects.filter(pk=lookup.pk).update(state=Lookup.ASKED, asked_at=clock.now(), problem="")
    return lookup


def steps_as_text(steps: list[tuple[Decimal, Decimal]]) -> list[list[str]]:
    return [[str(low), str(increment)] for low, increment in steps]
