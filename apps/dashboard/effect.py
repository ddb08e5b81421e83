"""What an approval would change: positions, exposure, money and risk, before and after."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from apps.dashboard.templatetags.desk import money, quantity


@dataclass(frozen=True, slots=True)
class Change:
    """A measure before and after; the source stands in the tooltip."""

    title: str
    before: str
    after: str
    source: str


def effect_of(card: Any) -> list[Change]:
    """Positions, exposure, money and risk, before and after all of it filled."""
    books, request = card.books, card.request
    held = {row.contract_id: row.quantity for row in books.positions}
    rows = []
    for leg in {leg.contract_id: leg for leg in card.legs}.values():
        size = sum(
            (one.quantity for one in card.legs if one.contract_id == leg.contract_id), start=Decimal(0)
        )
        before = held.get(leg.contract_id, Decimal(0))
        after = before + (size if leg.side == "BUY" else -size)
        name = leg.title.rpartition(" ")[0]
        rows.append(
            Change(f"Position {name}", quantity(before), quantity(after), "our fills, then all of it")
        )
    rows.append(_added("Bracket exposure today", books.committed, request.notional, "reserved by tickets"))
    for tag, title, sign in (
        ("GrossPositionValue", "Gross exposure", 1),
        ("AvailableFunds", "Available funds", -1),
    ):
        rows.append(
            _added(title, books.known(tag), sign * request.notional, f"{tag}, broker; after: at the limits")
        )
    risk = sum((leg.quantity * abs(leg.entry - leg.stop) for leg in card.legs if leg.stop), start=Decimal(0))
    rows.append(Change("Risk to stops", "—", money(-risk), "entries at their limits, stops at theirs"))
    rows += _previewed(card.previews)
    return rows


def _added(title: str, before: Decimal | None, change: Decimal, source: str) -> Change:
    after = None if before is None else before + change
    return Change(title, money(before), money(after), source)


def _previewed(previews: Sequence[Any]) -> list[Change]:
    """The broker's own answers; one that is missing makes the sum unknown, not smaller."""
    answered = sum(preview.state != "asked" for preview in previews)
    source = f"what-if of the broker, {answered} of {len(previews)} answered"

    def total(name: str) -> Decimal | None:
        values = [getattr(preview, name) for preview in previews]
        return None if not values or None in values else sum(values, start=Decimal(0))

    fee = total("commission")
    return [
        Change("Initial margin, what-if", "—", money(total("initial_margin_change")), source),
        Change("Commission, what-if", "—", money(None if fee is None else -fee), source),
    ]
