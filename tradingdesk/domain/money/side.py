"""Which way a trade goes."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum


class Side(StrEnum):
    """BUY adds to a position, SELL takes from it."""

    BUY = "BUY"
    SELL = "SELL"

    @property
    def opposite(self) -> Side:
        return Side.SELL if self is Side.BUY else Side.BUY

    def signed(self, quantity: Decimal) -> Decimal:
        """The change of position this side makes with that quantity."""
        return quantity if self is Side.BUY else -quantity
