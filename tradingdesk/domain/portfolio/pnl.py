"""What a position would realize at a price. The day's result is made in `results`."""

from __future__ import annotations

from decimal import Decimal

from tradingdesk.domain.market import Contract
from tradingdesk.domain.money import Money
from tradingdesk.domain.portfolio.positions import Position


def unrealized(position: Position, contract: Contract, mark: Decimal | None) -> Money | None:
    """What the position would realize at the mark."""
    if position.quantity == 0:
        return Money(Decimal(0), contract.currency)
    if mark is None or not mark.is_finite():
        return None
    points = position.quantity * (mark - position.average_cost)
    return Money(points * contract.money_per_point, contract.currency)
