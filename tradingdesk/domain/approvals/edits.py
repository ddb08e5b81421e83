"""What a reviewer may change in a plan: less of it, never more and never other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from tradingdesk.domain.money import Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """The quantities of the lines as they are, and as they are wished; nothing takes the line out."""

    standing: Mapping[int, Decimal]
    wished: Mapping[int, Decimal]


def cut_problem(cut: Cut) -> Reason | None:
    """Whether the wish is less of the same, and of something."""
    for number, wish in cut.wished.items():
        held = cut.standing.get(number)
        if held is None or not wish.is_finite() or wish < 0 or wish > held or wish % 1:
            return Reason("EDIT_NOT_LOWER", f"line {number}: {wish} is not a lower quantity than {held}")
    if all(cut.standing[number] == wish for number, wish in cut.wished.items()):
        return Reason("EDIT_CHANGES_NOTHING", "no quantity was lowered")
    return None
