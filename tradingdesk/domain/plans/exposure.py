"""The day's planned exposure is spent line by line, in the order of the plan."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from tradingdesk.domain.money import Reason
from tradingdesk.domain.plans.line import Line


@dataclass(frozen=True, slots=True)
class Allotment:
    """Whether a line fits, and the exposure planned after it."""

    line: Line
    exposure_after: Decimal
    refused: Reason | None = None

    @property
    def taken(self) -> bool:
        return self.refused is None


def allot(
    lines: Iterable[Line],
    limit: Decimal,
    *,
    already_planned: Decimal = Decimal(0),
    stop_at_first: bool = False,
) -> tuple[Allotment, ...]:
    """Skip each line that would exceed the limit; later, smaller ones may fit unless told to stop."""
    planned, closed = already_planned, False
    allotments: list[Allotment] = []
    for line in lines:
        wanted = planned + line.notional
        if closed or wanted > limit:
            closed = closed or stop_at_first
            allotments.append(Allotment(line, planned, _refusal(line, planned, limit)))
        else:
            planned = wanted
            allotments.append(Allotment(line, planned))
    return tuple(allotments)


def _refusal(line: Line, planned: Decimal, limit: Decimal) -> Reason:
    text = f"[EXPOSURE LIMIT] {line.symbol} {line.notional:,.2f} on top of {planned:,.2f}, limit {limit:,.2f}"
    return Reason("EXPOSURE_LIMIT", text)
