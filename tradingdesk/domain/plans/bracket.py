"""A line becomes two independent brackets: a third for the near target, the rest for the far one."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal

from tradingdesk.domain.money import Side
from tradingdesk.domain.plans.line import Line

NEAR_SHARE = Decimal("0.33")


@dataclass(frozen=True, slots=True, kw_only=True)
class Bracket:
    """One entry with its target and its stop."""

    label: str
    symbol: str
    side: Side
    quantity: Decimal
    entry_price: Decimal
    target_price: Decimal
    stop_price: Decimal


def split(quantity: Decimal) -> tuple[Decimal, Decimal]:
    """The quantities of bracket A and bracket B; together exactly the whole."""
    if quantity < 2 or quantity != quantity.to_integral_value():
        raise ValueError(f"{quantity} cannot be split into two whole parts")
    near = max(Decimal(1), (quantity * NEAR_SHARE).quantize(Decimal(1), ROUND_HALF_EVEN))
    return near, quantity - near


def brackets_of(line: Line) -> tuple[Bracket, Bracket]:
    """Both brackets of a line; they share the stop and differ in size and target."""
    near, rest = split(line.quantity)
    return (
        _bracket(line, "A", quantity=near, target_price=line.target_1),
        _bracket(line, "B", quantity=rest, target_price=line.target_2),
    )


def _bracket(line: Line, label: str, *, quantity: Decimal, target_price: Decimal) -> Bracket:
    return Bracket(
        label=label,
        symbol=line.symbol,
        side=line.side,
        quantity=quantity,
        entry_price=line.limit_price,
        target_price=target_price,
        stop_price=line.stop_price,
    )
