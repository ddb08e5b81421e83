"""One order as its client knows it: the client's own words, and what it has been told so far."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from apps.simgateway.exchange.instant import Instant
from apps.simgateway.exchange.order import DONE, PRE_SUBMITTED, ZERO
from apps.simgateway.wire.answers.prepared import Prepared, Shape, prepare, shape_of
from apps.simgateway.wire.contract import WireContract
from apps.simgateway.wire.order import WireOrder
from apps.simgateway.wire.requests.placing import Wording

_SHAPES = 256


@dataclass(slots=True, eq=False, kw_only=True)
class Ticket:
    """The gateway's card of an order. What the exchange knows of it is the venue's."""

    perm_id: int
    client_id: int
    order_id: int
    conn: int  # the connection it came by
    contract: WireContract
    order: WireOrder
    frame: list[str]  # the request it was last made or changed by, and the version that is written in
    version: int
    parent_order_id: int = 0
    wording: Wording | None = None  # what its request had in common with others
    shapes: "Shapes | None" = None  # and how orders of such wordings are told

    transmitted: bool = False
    silent: bool = False  # taken without a word
    said: bool = False  # at least one message went out about it
    status: str = PRE_SUBMITTED
    why_held: str = ""
    quantity: Decimal = ZERO
    filled: Decimal = ZERO
    average: Decimal = ZERO
    last_price: Decimal = ZERO
    commission: float | None = None
    commission_currency: str = ""
    reason: str = ""
    ended: Instant = 0
    _prepared: dict[int, Prepared] = field(default_factory=dict)

    @property
    def is_done(self) -> bool:
        return self.status in DONE

    @property
    def reference(self) -> str:
        return self.order.order_ref

    def adopt(self, contract: WireContract, order: WireOrder) -> None:
        """Other words for the same order."""
        self.contract, self.order, self.wording = contract, order, None
        self.quantity = order.total_quantity
        self._prepared.clear()

    def resize(self, quantity: Decimal) -> None:
        self.quantity = self.order.total_quantity = quantity
        self._prepared.clear()

    def forget_prepared(self) -> None:
        """A finished order is hardly told again."""
        self._prepared.clear()

    def open_order(self, version: int, status: str) -> bytes:
        """openOrder with this status and the commission so far."""
        prepared = self._prepared.get(version)
        if prepared is None:
            prepared = self._prepared[version] = self._prepare(version)
        if self.commission is None:
            return prepared.told(status, again=self.said)
        return prepared.told(status, repr(self.commission), self.commission_currency, again=self.said)

    def _prepare(self, version: int) -> Prepared:
        shared = self.wording is not None and not (self.parent_order_id or self.order.shares_allocation)
        if shared and self.shapes is not None:
            return self.shapes.prepared(self, version)
        return prepare(version, contract=self.contract, order=self.order)


class Shapes:
    """How orders of one wording are told: one shape for all that a client places alike."""

    def __init__(self) -> None:
        self._known: dict[tuple[Wording | None, int, str], tuple[WireContract, Shape]] = {}
        self._meant: dict[Wording | None, tuple[int, WireContract]] = {}  # the hour, and the contract

    def prepared(self, ticket: Ticket, version: int) -> Prepared:
        order, contract = ticket.order, ticket.contract
        key = (ticket.wording, version, order.account)
        known = self._known.get(key)
        if known is None or known[0] is not contract:
            if len(self._known) >= _SHAPES:
                self._known.clear()
            known = self._known[key] = (contract, shape_of(version, contract=contract, order=order))
        return known[1].of(order)

    def meant(self, wording: Wording | None, hour: int) -> WireContract | None:
        """The contract that this wording was found to mean in the same hour."""
        known = self._meant.get(wording)
        return known[1] if known is not None and known[0] == hour else None

    def learn(self, wording: Wording | None, hour: int, contract: WireContract) -> None:
        if wording is not None:
            if len(self._meant) >= _SHAPES:
                self._meant.clear()
            self._meant[wording] = (hour, contract)


@dataclass(frozen=True, slots=True)
class Past:
    """What is kept of an order that was done some time ago."""

    client_id: int
    order_id: int
    reference: str
    status: str
    symbol: str


def plain_row(ticket: Ticket) -> dict[str, Any]:
    """What the control door tells of a ticket."""
    names = "perm_id client_id order_id reference status why_held quantity filled average"
    return {name: getattr(ticket, name) for name in names.split()}
