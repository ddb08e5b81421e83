"""Everything the broker holds under one reference: usually one order, by accident more."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from tradingdesk.domain.tickets.evidence import Evidence
from tradingdesk.domain.tickets.folds import OrderState, fold
from tradingdesk.domain.tickets.states import Alarm, State, may_still_fill

# Of several orders under one reference, the one whose state comes first speaks for all of them.
LOUDEST = (
    State.UNKNOWN,
    State.WORKING,
    State.SENDING,
    State.FILLED,
    State.CANCELLED,
    State.REFUSED,
    State.NOT_SENT,
)


@dataclass(frozen=True, slots=True)
class Attempt:
    """One fold per permanent id. An order without one yet stands under 0."""

    quantity: Decimal
    orders: Mapping[int, OrderState]

    @property
    def state(self) -> State:
        """As alive as the most alive order under the reference."""
        held = {order.state for order in self.orders.values()}
        return next(state for state in LOUDEST if state in held)

    @property
    def filled(self) -> Decimal:
        """What filled under the reference, over all its orders."""
        return sum((order.filled for order in self.orders.values()), Decimal(0))

    @property
    def may_fill(self) -> Decimal:
        """The worst case still open: what every living order under the reference could fill."""
        return sum((o.remaining for o in self.orders.values() if may_still_fill(o.state)), Decimal(0))

    @property
    def alarms(self) -> frozenset[Alarm]:
        raised = frozenset(alarm for order in self.orders.values() for alarm in order.alarms)
        if len(self.orders) > 1:
            raised |= {Alarm.SECOND_PERM_ID}
        return raised | {Alarm.OVERFILLED} if self.filled > self.quantity else raised

    @property
    def heard_of(self) -> bool:
        """True once the broker has said anything that proves the order reached it."""
        return any(order.heard_of for order in self.orders.values())


def begin(quantity: Decimal) -> Attempt:
    """An attempt about to be written to the wire."""
    return Attempt(quantity, {0: OrderState(quantity=quantity)})


def fold_attempt(attempt: Attempt, evidence: Evidence) -> Attempt:
    """Fold the evidence into the order it is about."""
    orders = dict(attempt.orders)
    key = evidence.perm_id
    if not key and len(orders) > 1:
        # Two orders share the order id this names. It can end neither; both must be looked up.
        return replace(attempt, orders={perm: replace(o, look_up=True) for perm, o in orders.items()})
    if not key:
        (key,) = orders
    elif key not in orders:
        orders[key] = orders.pop(0, OrderState(quantity=attempt.quantity))
    orders[key] = fold(orders[key], evidence)
    return replace(attempt, orders=orders)
