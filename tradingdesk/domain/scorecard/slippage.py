"""What a fill cost against a benchmark: signed by the side, so that positive is always a cost."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from tradingdesk.domain.money import Side

BPS = Decimal(10_000)


def cost_bps(side: Side, price: Decimal | None, benchmark: Decimal | None) -> Decimal | None:
    """side × (price − benchmark) ÷ benchmark, in basis points; unknown where either price is."""
    if not _usable(price) or not _usable(benchmark):
        return None
    return side.signed(BPS) * (price - benchmark) / benchmark  # type: ignore[operator]


def waiting_cost(
    side: Side, quantity: Decimal, *, decided: Decimal | None, arrived: Decimal | None
) -> Decimal | None:
    """What the market's move between the proposal and the sending cost what filled, in money."""
    if not _usable(decided) or not _usable(arrived):
        return None
    return side.signed(quantity) * (arrived - decided)  # type: ignore[operator]


def _usable(price: Decimal | None) -> bool:
    return price is not None and price.is_finite() and price > 0


def quantile(values: Sequence[float], part: float) -> float | None:
    """Between the two nearest values, as PostgreSQL's percentile_cont has it."""
    ordered = sorted(values)
    if not ordered:
        return None
    place = part * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)
