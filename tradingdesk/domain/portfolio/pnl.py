"""The day's result, and whether it can be trusted yet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from tradingdesk.domain.market import Contract
from tradingdesk.domain.money import Money
from tradingdesk.domain.portfolio.positions import Position


@dataclass(frozen=True, slots=True, kw_only=True)
class DayResult:
    """Provisional while a fee or a mark is missing. An unknown part is None, never zero."""

    realized: Money
    unrealized: Money | None
    commissions: Money
    provisional: bool

    @property
    def net(self) -> Money | None:
        """Everything together, once everything is known to exist."""
        return None if self.unrealized is None else self.realized + self.unrealized - self.commissions


def unrealized(position: Position, contract: Contract, mark: Decimal | None) -> Money | None:
    """What the position would realize at the mark."""
    if position.quantity == 0:
        return Money(Decimal(0), contract.currency)
    if mark is None or not mark.is_finite():
        return None
    return _in_currency(position.quantity * (mark - position.average_cost), contract)


def day_result(
    position: Position,
    contract: Contract,
    *,
    opening: Position,
    mark: Decimal | None,
    fees: Sequence[Money | None],
) -> DayResult:
    """The result of one contract over a day that began with the opening position."""
    open_result = unrealized(position, contract, mark)
    known = [fee for fee in fees if fee is not None]
    return DayResult(
        realized=_in_currency(position.realized - opening.realized, contract),
        unrealized=open_result,
        commissions=sum(known, Money(Decimal(0), contract.currency)),
        provisional=open_result is None or len(known) < len(fees),
    )


def _in_currency(points: Decimal, contract: Contract) -> Money:
    return Money(points * contract.money_per_point, contract.currency)
