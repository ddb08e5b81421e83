"""Ours beside theirs, over the union of both: nobody's row is forgotten because the other side lacks it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import TypeVar

from tradingdesk.domain.reconciliation.answers import Answer, Unknown

GRACE = timedelta(seconds=5)  # a position may be told this much later than its fill
ZERO = Decimal(0)
Row = TypeVar("Row")


class Kind(StrEnum):
    """What differs."""

    POSITION_QUANTITY = "POSITION_QUANTITY"
    POSITION_OURS_ONLY = "POSITION_OURS_ONLY"
    POSITION_THEIRS_ONLY = "POSITION_THEIRS_ONLY"
    POSITION_COST = "POSITION_COST"
    ORDER_OURS_ONLY = "ORDER_OURS_ONLY"
    ORDER_THEIRS_ONLY = "ORDER_THEIRS_ONLY"
    ORDER_QUANTITY = "ORDER_QUANTITY"
    EXECUTION_OURS_ONLY = "EXECUTION_OURS_ONLY"
    EXECUTION_THEIRS_ONLY = "EXECUTION_THEIRS_ONLY"
    EXECUTION_TERMS = "EXECUTION_TERMS"
    CASH_AMOUNT = "CASH_AMOUNT"
    NAV_UNEXPLAINED = "NAV_UNEXPLAINED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A position as one side has it. Price and rate turn a quantity into money; None when not known."""

    quantity: Decimal
    average_cost: Decimal | None = None
    worth: Decimal | None = None  # of one unit, in base
    changed_at: datetime | None = None  # when a fill of ours last moved it


@dataclass(frozen=True, slots=True, kw_only=True)
class Working:
    """An order that may still fill, as one side has it."""

    quantity: Decimal
    filled: Decimal
    external: bool = False  # not placed by this desk
    sent_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Executed:
    """The terms of one execution."""

    signed_quantity: Decimal
    price: Decimal
    size: Decimal | None = None  # what changed hands
    gained: Decimal | None = None  # since then, at the newest price


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One row in which the sides do not agree, in money of the base currency where it can be priced.

    `size` is how much is in question; `effect` is by how much the broker's figure is the larger for it.
    """

    kind: Kind
    key: str
    ours: str
    theirs: str
    size: Decimal | None = None
    effect: Decimal | None = None


Compare = Callable[[str, Row | None, Row | None], Difference | None]


def compare(
    ours: Mapping[str, Row], theirs: Answer[str, Row], rule: Compare[Row]
) -> tuple[Difference, ...] | None:
    """Every difference, by key. None: the broker has not answered, so nothing can be said."""
    if isinstance(theirs, Unknown):
        return None
    found = (rule(key, ours.get(key), theirs.rows.get(key)) for key in sorted({*ours, *theirs.rows}))
    return tuple(one for one in found if one is not None)


def position_rule(told_at: datetime, *, cost_tolerance: Decimal = Decimal("0.0001")) -> Compare[Held]:
    """A broker's count that is hardly younger than our own last fill is no answer to it yet."""

    def rule(key: str, ours: Held | None, theirs: Held | None) -> Difference | None:
        mine, broker = (ours.quantity if ours else ZERO), (theirs.quantity if theirs else ZERO)
        if ours is not None and ours.changed_at is not None and told_at - ours.changed_at < GRACE:
            return None
        if mine != broker:
            kind = Kind.POSITION_QUANTITY if mine and broker else _one_sided(mine)
            effect = _worth(broker - mine, ours, theirs)
            size = None if effect is None else abs(effect)
            return Difference(
                kind=kind, key=key, ours=f"{mine:f}", theirs=f"{broker:f}", size=size, effect=effect
            )
        return _cost(key, ours, theirs, cost_tolerance)

    return rule


def order_rule(told_at: datetime) -> Compare[Working]:
    """A foreign order is a fact, not a difference; one of ours that the broker lacks is."""

    def rule(key: str, ours: Working | None, theirs: Working | None) -> Difference | None:
        if ours is None and theirs is not None:
            return (
                None
                if theirs.external
                else Difference(kind=Kind.ORDER_THEIRS_ONLY, key=key, ours="—", theirs=_open(theirs))
            )
        if theirs is None and ours is not None:
            fresh = ours.sent_at is not None and told_at - ours.sent_at < GRACE
            return (
                None
                if fresh
                else Difference(kind=Kind.ORDER_OURS_ONLY, key=key, ours=_open(ours), theirs="—")
            )
        assert ours is not None and theirs is not None
        if ours.quantity != theirs.quantity or ours.filled > theirs.filled:
            return Difference(kind=Kind.ORDER_QUANTITY, key=key, ours=_open(ours), theirs=_open(theirs))
        return None

    return rule


def execution_rule(key: str, ours: Executed | None, theirs: Executed | None) -> Difference | None:
    """Each execution on both sides with the same terms."""
    if ours is None or theirs is None:
        one = ours or theirs
        assert one is not None
        kind = Kind.EXECUTION_OURS_ONLY if ours is not None else Kind.EXECUTION_THEIRS_ONLY
        text = f"{one.signed_quantity:+f} at {one.price:f}"
        effect = one.gained if one.gained is None or ours is None else -one.gained
        here, there = (text, "—") if ours is not None else ("—", text)
        return Difference(kind=kind, key=key, ours=here, theirs=there, size=one.size, effect=effect)
    if (ours.signed_quantity, ours.price) != (theirs.signed_quantity, theirs.price):
        told = [f"{one.signed_quantity:+f} at {one.price:f}" for one in (ours, theirs)]
        return Difference(kind=Kind.EXECUTION_TERMS, key=key, ours=told[0], theirs=told[1], size=theirs.size)
    return None


def cash_rule(tolerance: Decimal) -> Compare[Decimal]:
    """Cash of one currency, in that currency."""

    def rule(key: str, ours: Decimal | None, theirs: Decimal | None) -> Difference | None:
        mine, broker = ours or ZERO, theirs or ZERO
        if abs(mine - broker) <= tolerance:
            return None
        return Difference(
            kind=Kind.CASH_AMOUNT, key=key, ours=f"{mine:f}", theirs=f"{broker:f}", size=abs(mine - broker)
        )

    return rule


def _one_sided(mine: Decimal) -> Kind:
    return Kind.POSITION_OURS_ONLY if mine else Kind.POSITION_THEIRS_ONLY


def _worth(quantity: Decimal, *sides: Held | None) -> Decimal | None:
    worth = next((side.worth for side in sides if side is not None and side.worth is not None), None)
    return None if worth is None else quantity * worth


def _cost(key: str, ours: Held | None, theirs: Held | None, tolerance: Decimal) -> Difference | None:
    if ours is None or theirs is None or not ours.quantity:
        return None
    mine, broker = ours.average_cost, theirs.average_cost
    if mine is None or broker is None or not broker or abs(mine - broker) <= abs(broker) * tolerance:
        return None
    return Difference(
        kind=Kind.POSITION_COST,
        key=key,
        ours=f"{mine:f}",
        theirs=f"{broker:f}",
        size=abs((mine - broker) * ours.quantity),
    )


def _open(order: Working) -> str:
    return f"{order.filled.normalize():f} of {order.quantity.normalize():f}"
