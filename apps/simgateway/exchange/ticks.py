"""Prices that an exchange takes: the steps a market rule allows."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Decimal

_ROUNDING = {"down": ROUND_FLOOR, "up": ROUND_CEILING, "nearest": ROUND_HALF_EVEN}


@dataclass(frozen=True, slots=True)
class MarketRule:
    """Price bands, lowest first: from `low_edge` on, prices move by `increment`."""

    rule_id: int
    bands: tuple[tuple[Decimal, Decimal], ...]

    def increment(self, price: Decimal) -> Decimal:
        """The step at a price; below zero (combos) the price's size counts."""
        size = abs(price)
        step = self.bands[0][1]
        for edge, increment in self.bands:
            if size < edge:
                break
            step = increment
        return step


def rule_of(rule_id: int, rows: Sequence[Sequence[object]]) -> MarketRule:
    """From rows of (low edge, increment), as text or numbers."""
    bands = tuple((Decimal(str(edge)), Decimal(str(step))) for edge, step in rows)
    if not bands or bands[0][0] != 0 or any(step <= 0 for _, step in bands):
        raise ValueError(f"market rule {rule_id} needs a first band from 0 and increments above 0")
    return MarketRule(rule_id, tuple(sorted(bands)))


def round_to_tick(price: Decimal, rule: MarketRule, direction: str = "nearest") -> Decimal:
    """The price on the rule's grid: down, up or nearest. "down" is toward the smaller number."""
    step = rule.increment(price)
    return (price / step).quantize(Decimal(1), rounding=_ROUNDING[direction]) * step


def on_tick(price: Decimal, rule: MarketRule) -> bool:
    """True when the exchange would take this price."""
    return price % rule.increment(price) == 0
