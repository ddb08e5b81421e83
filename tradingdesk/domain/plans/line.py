"""One line of a bracket plan, and the order its prices must stand in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from tradingdesk.domain.money import Reason, Side


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A symbol to enter at a limit, with a stop and two targets; the context is carried, not traded."""

    number: int
    symbol: str
    side: Side
    quantity: Decimal
    limit_price: Decimal
    stop_price: Decimal
    target_1: Decimal
    target_2: Decimal
    context: Mapping[str, str] = field(default_factory=dict)

    @property
    def notional(self) -> Decimal:
        """What the whole line costs when it fills at its limit."""
        return self.quantity * self.limit_price


def line_problem(line: Line) -> Reason | None:
    """What makes the line impossible to trade as two brackets, if anything."""
    if line.quantity != line.quantity.to_integral_value():
        return Reason("QUANTITY_FRACTIONAL", f"{line.quantity} is not a whole number")
    if line.quantity < 2:
        return Reason("QUANTITY_TOO_SMALL", f"{line.quantity} cannot be split in two")
    return price_order_problem(line)


def price_order_problem(line: Line) -> Reason | None:
    """stop < entry < target 1 ≤ target 2 for a buy, mirrored for a sell."""
    direction = 1 if line.side is Side.BUY else -1
    entry, stop = line.limit_price * direction, line.stop_price * direction
    first, second = line.target_1 * direction, line.target_2 * direction
    if not stop < entry:
        side = "below" if line.side is Side.BUY else "above"
        return Reason("STOP_MISPLACED", f"stop {line.stop_price} must be {side} entry {line.limit_price}")
    if not entry < first <= second:
        prices = f"entry {line.limit_price}, targets {line.target_1} and {line.target_2}"
        return Reason("TARGET_MISPLACED", f"{prices} must run away from the stop in this order")
    return None
