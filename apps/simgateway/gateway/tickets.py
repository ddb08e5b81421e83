"""One order as its client knows it: the client's own words, and what it has been told so far."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from apps.simgateway.exchange.instant import Instant
from apps.simgateway.exchange.order import DONE, PRE_SUBMITTED, ZERO
from apps.simgateway.wire.answers.openorder import open_order
from apps.simgateway.wire.contract import WireContract
from apps.simgateway.wire.order import WireOrder
from apps.simgateway.wire.state import OrderState

_STATUS, _COMMISSION, _CURRENCY = "\x01", "\x02", "\x03"  # marks in a prepared openOrder
_FILLERS = ["100", "0.02"]  # what a smart order's pegged sizes say until it went to a venue
_BEHIND_FILLERS = ((183, 1), (184, 1), (185, 1), (189, 1), (193, 2), (198, 1), (199, 1))  # since, fields


@dataclass(slots=True)
class Prepared:
    """An openOrder with holes for what changes from one telling to the next."""

    fields: list[str]
    status: int
    commission: int
    currency: int
    fillers: int | None = None


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
        self.contract, self.order = contract, order
        self.quantity = order.total_quantity
        self._prepared.clear()

    def resize(self, quantity: Decimal) -> None:
        self.quantity = self.order.total_quantity = quantity
        self._prepared.clear()

    def forget_prepared(self) -> None:
        """A finished order is hardly told again."""
        self._prepared.clear()

    def open_order(self, version: int, status: str) -> list[str]:
        """openOrder with this status and the commission so far."""
        prepared = self._prepared.get(version)
        if prepared is None:
            prepared = self._prepared[version] = self._prepare(version)
        fields = prepared.fields.copy()
        fields[prepared.status] = status
        told = self.commission is not None
        fields[prepared.commission] = repr(self.commission) if told else ""
        fields[prepared.currency] = self.commission_currency if told else ""
        if self.said and prepared.fillers is not None:
            fields[prepared.fillers : prepared.fillers + 2] = ("", "")
        return fields

    def _prepare(self, version: int) -> Prepared:
        marked = OrderState(status=_STATUS, commission=_COMMISSION, commission_currency=_CURRENCY)
        fields = open_order(version, contract=self.contract, order=self.order, state=marked)
        places = (fields.index(_STATUS), fields.index(_COMMISSION), fields.index(_CURRENCY))
        fillers = len(fields) - 4 - sum(count for since, count in _BEHIND_FILLERS if version >= since)
        filled = version >= 170 and self.order.min_compete_size is None
        return Prepared(
            fields, *places, fillers if filled and fields[fillers : fillers + 2] == _FILLERS else None
        )


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
