"""A bracket as tickets: an entry, and its target and stop as children.

The three travel as one group. The entry and the target are written with `transmit` off, and the
stop, last, switches all three on at once: the broker never holds an entry without its exits. If
the link dies inside the group, the part already written was never transmitted, so it is
cancelled; it is not completed by another link that cannot know how far the first one came.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from tradingdesk.domain.money import Side
from tradingdesk.domain.plans.bracket import Bracket
from tradingdesk.domain.tickets.references import Role, ticket_key
from tradingdesk.domain.tickets.states import NEVER_LEFT, State, may_still_fill


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketSpec:
    """Everything a ticket is made from; `parent` is the key of the entry it hangs on."""

    key: str
    label: str
    role: Role
    symbol: str
    side: Side
    quantity: Decimal
    order_type: str
    limit_price: Decimal | None = None
    stop_price: Decimal | None = None
    parent: str | None = None
    tif: str = "DAY"
    outside_rth: bool = False
    transmit: bool = False
    algo: Mapping[str, str] = field(default_factory=dict)


ADAPTIVE_NORMAL = {"strategy": "Adaptive", "adaptivePriority": "Normal"}


def tickets_of(
    bracket: Bracket, *, plan: int, line: int, size_limit: Decimal | None = None
) -> tuple[tuple[TicketSpec, TicketSpec, TicketSpec], ...]:
    """One group of three per part; there is one part unless the broker caps the size of an order."""
    parts = slices(bracket.quantity, size_limit)
    return tuple(
        _group(bracket, plan, line, part=number, quantity=size) for number, size in enumerate(parts, 1)
    )


def slices(quantity: Decimal, size_limit: Decimal | None) -> tuple[Decimal, ...]:
    """The quantity in parts no larger than the broker's cap, as few as possible."""
    if size_limit is None:
        return (quantity,)
    if size_limit <= 0:
        raise ValueError("a size limit must be above zero")
    return tuple(_slices(quantity, size_limit))


def _slices(quantity: Decimal, size_limit: Decimal) -> Iterator[Decimal]:
    while quantity > 0:
        yield min(quantity, size_limit)
        quantity -= size_limit


def _group(
    bracket: Bracket, plan: int, line: int, *, part: int, quantity: Decimal
) -> tuple[TicketSpec, TicketSpec, TicketSpec]:
    def spec(
        role: Role, order_type: str, *, limit_price: Decimal | None = None, stop_price: Decimal | None = None
    ) -> TicketSpec:
        entry = role is Role.ENTRY
        return TicketSpec(
            key=ticket_key(plan, line, bracket.label, part=part, role=role),
            label=bracket.label,
            role=role,
            symbol=bracket.symbol,
            side=bracket.side if entry else bracket.side.opposite,
            quantity=quantity,
            order_type=order_type,
            limit_price=limit_price,
            stop_price=stop_price,
            parent=None if entry else ticket_key(plan, line, bracket.label, part=part),
            transmit=role is Role.STOP,
            algo=ADAPTIVE_NORMAL if entry else {},
        )

    return (
        spec(Role.ENTRY, "LMT", limit_price=bracket.entry_price),
        spec(Role.TARGET, "LMT", limit_price=bracket.target_price),
        spec(Role.STOP, "STP", stop_price=bracket.stop_price),
    )


def untransmitted(group: Sequence[TicketSpec], states: Mapping[str, State]) -> tuple[str, ...]:
    """The keys to cancel after a crash inside the group, latest first.

    Empty when the transmitting ticket may have left: then the whole group may be live, and evidence decides.
    """
    if any(spec.transmit and states[spec.key] not in NEVER_LEFT for spec in group):
        return ()
    return tuple(spec.key for spec in reversed(group) if may_still_fill(states[spec.key]))
