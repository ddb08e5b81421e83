"""An amount never parts from its currency."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from functools import total_ordering

from tradingdesk.domain.money.numbers import finite

_CENT = Decimal("0.01")


class CurrencyMismatch(ValueError):
    """Two currencies met in one sum without a rate between them."""


@total_ordering
@dataclass(frozen=True, slots=True)
class Money:
    """A finite amount of one currency; sums and comparisons refuse to mix currencies."""

    amount: Decimal
    currency: str

    def __post_init__(self) -> None:
        finite(self.amount)

    def __add__(self, other: Money) -> Money:
        return Money(self.amount + self._same(other), self.currency)

    def __sub__(self, other: Money) -> Money:
        return Money(self.amount - self._same(other), self.currency)

    def __neg__(self) -> Money:
        return Money(-self.amount, self.currency)

    def __abs__(self) -> Money:
        return Money(abs(self.amount), self.currency)

    def __mul__(self, factor: Decimal | int) -> Money:
        return Money(self.amount * factor, self.currency)

    __rmul__ = __mul__

    def __lt__(self, other: Money) -> bool:
        return self.amount < self._same(other)

    def __str__(self) -> str:
        return f"{self.rounded().amount:,} {self.currency}"

    def rounded(self, step: Decimal = _CENT) -> Money:
        """To the nearest step, ties to the even neighbour, as bank statements do."""
        return Money((self.amount / step).quantize(Decimal(1), ROUND_HALF_EVEN) * step, self.currency)

    def _same(self, other: Money) -> Decimal:
        if other.currency != self.currency:
            raise CurrencyMismatch(f"{self.currency} met {other.currency}")
        return other.amount
