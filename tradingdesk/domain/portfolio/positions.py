"""A position from its fills: average cost, what was realized, and the turn through zero."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from tradingdesk.domain.money import Side
from tradingdesk.domain.portfolio.fills import Fill, standing


@dataclass(frozen=True, slots=True)
class Position:
    """Signed quantity; cost and result are in quoted price units, before multiplier and fees."""

    quantity: Decimal = Decimal(0)
    average_cost: Decimal = Decimal(0)
    realized: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Adopted:
    """The broker's count, taken over at a moment by a person."""

    quantity: Decimal
    average_cost: Decimal
    at: datetime


@dataclass(frozen=True, slots=True)
class Step:
    """One change of a position."""

    event: Fill | Adopted
    before: Position
    after: Position


def after_trade(position: Position, side: Side, *, quantity: Decimal, price: Decimal) -> Position:
    """The position after one trade: what closes realizes, what remains opens at the trade's price."""
    change = side.signed(quantity)
    closing = min(abs(change), abs(position.quantity)) if position.quantity * change < 0 else Decimal(0)
    direction = 1 if position.quantity > 0 else -1
    realized = position.realized + closing * (price - position.average_cost) * direction
    after = position.quantity + change
    if after == 0:
        return Position(after, Decimal(0), realized)
    if closing:
        turned = after * position.quantity < 0
        return Position(after, price if turned else position.average_cost, realized)
    cost = position.average_cost * abs(position.quantity) + price * quantity
    return Position(after, cost / abs(after), realized)


def position_of(
    fills: Iterable[Fill], *, opening: Position | None = None, adopted: Iterable[Adopted] = ()
) -> Position:
    """The position of one contract and account after all its fills that stand, and what was adopted."""
    position = opening or Position()
    for step in walk(fills, opening=opening, adopted=adopted):
        position = step.after
    return position


def walk(
    fills: Iterable[Fill], *, opening: Position | None = None, adopted: Iterable[Adopted] = ()
) -> Iterator[Step]:
    """Each change in the order of time. An adoption replaces what was held then, and realizes nothing:
    an execution before it that is told late is in the adopted count already.
    """
    position = opening or Position()
    events: list[Fill | Adopted] = [*standing(fills), *adopted]
    for event in sorted(events, key=lambda one: (one.at, isinstance(one, Adopted))):
        before = position
        if isinstance(event, Adopted):
            position = Position(event.quantity, event.average_cost, before.realized)
        else:
            position = after_trade(before, event.side, quantity=event.quantity, price=event.price)
        yield Step(event, before, position)


def agrees(ours: Position, broker_quantity: Decimal | None) -> bool | None:
    """Whether the broker's own count is ours. None when the broker has not been heard: that is no answer."""
    return None if broker_quantity is None else ours.quantity == broker_quantity


def left_to_close(broker_quantity: Decimal, working_closes: Decimal) -> tuple[Side, Decimal] | None:
    """What still has to be ordered to be flat: the broker's own position less what closing orders may fill.

    Never our own fill arithmetic, and never more than the position: a close must not turn it.
    """
    left = abs(broker_quantity) - working_closes
    if broker_quantity == 0 or left <= 0:
        return None
    return (Side.SELL if broker_quantity > 0 else Side.BUY), left
