"""openOrder made ready once and told many times: of one order, and of all orders that are worded alike.

A real gateway tells an order at least three times, and programs place the same kind of order all day. So what
stays is put into bytes once: for one order that is all but its status and cost (`Prepared`), for orders of
the same words all but their numbers, prices and reference (`Shape`).
"""

from dataclasses import dataclass

from apps.simgateway.wire.answers import sections
from apps.simgateway.wire.answers.openorder import FIELDS_BEHIND_STOP, newer_count, open_order
from apps.simgateway.wire.contract import WireContract
from apps.simgateway.wire.numbers import double, plain
from apps.simgateway.wire.order import WireOrder
from apps.simgateway.wire.state import OrderState

_STATUS, _COMMISSION, _CURRENCY = "\x01", "\x02", "\x03"  # marks where the holes are
_FILLED_SINCE = 170  # a smart order's pegged sizes say something without meaning until it went to a venue
_ORDER_ID, _QUANTITY, _LIMIT, _AUX, _REFERENCE, _CLIENT, _PERM_ID, _ALLOCATION = 1, 14, 16, 17, 23, 24, 25, 30


@dataclass(frozen=True, slots=True)
class Prepared:
    """An openOrder with holes for what changes from one telling to the next."""

    head: bytes
    preview: bytes  # from the status to the commission
    limits: bytes  # from the commission to its currency
    tail: bytes
    later_tail: bytes  # once it has been told

    def told(self, status: str, commission: str = "", currency: str = "", *, again: bool) -> bytes:
        """The message as bytes; `again`: it is not the first."""
        cost = f"{commission}\0".encode() + self.limits + f"{currency}\0".encode()
        tail = self.later_tail if again else self.tail
        return self.head + status.encode() + self.preview + cost + tail


def prepare(version: int, *, contract: WireContract, order: WireOrder) -> Prepared:
    """One order, whatever it is."""
    fields = _marked(version, contract, order)
    status, commission, currency = _holes(fields)
    rest = fields[currency + 1 :]
    return Prepared(
        head=_joined(fields[:status]),
        preview=_between(fields[status + 1 : commission]),
        limits=_joined(fields[commission + 1 : currency]),
        tail=_joined(rest),
        later_tail=_joined(_routed(version, order, rest)),
    )


@dataclass(frozen=True, slots=True)
class Shape:
    """What the openOrders of equally worded orders have in common, as text with room for each order's own."""

    kind: str  # contract and action
    type: str
    terms: str  # from the time in force to the account and the origin
    handling: str
    advice: str  # from the allocation to the status
    preview: bytes
    limits: bytes
    behind: str  # from the cost to the second stop price
    tail: str
    later_tail: str

    def of(self, order: WireOrder) -> Prepared:
        """The openOrder of one of them."""
        quantity = plain(order.total_quantity)
        limit, aux = double(order.lmt_price or 0), double(order.aux_price or 0)
        head = (
            f"5\0{order.order_id}\0{self.kind}{quantity}\0{self.type}{limit}\0{aux}\0{self.terms}"
            f"{order.order_ref}\0{order.client_id}\0{order.perm_id}\0{self.handling}"
            f"{order.perm_id}.0/{order.account}/{quantity}\0{self.advice}"
        )
        behind = f"{self.behind}{sections.shown_stop(order)}\0"
        return Prepared(
            head=_bytes(head),
            preview=self.preview,
            limits=self.limits,
            tail=_bytes(f"{behind}{self.tail}"),
            later_tail=_bytes(f"{behind}{self.later_tail}"),
        )


def shape_of(version: int, *, contract: WireContract, order: WireOrder) -> Shape:
    """The shape of an order without legs, parent or allocation of its own."""
    fields = _marked(version, contract, order)
    status, commission, currency = _holes(fields)
    stop = len(fields) - newer_count(version) - FIELDS_BEHIND_STOP - 1
    rest = fields[stop + 1 :]
    return Shape(
        kind=_text(fields[_ORDER_ID + 1 : _QUANTITY]),
        type=_text(fields[_QUANTITY + 1 : _LIMIT]),
        terms=_text(fields[_AUX + 1 : _REFERENCE]),
        handling=_text(fields[_PERM_ID + 1 : _ALLOCATION]),
        advice=_text(fields[_ALLOCATION + 1 : status]),
        preview=_between(fields[status + 1 : commission]),
        limits=_joined(fields[commission + 1 : currency]),
        behind=_text(fields[currency + 1 : stop]),
        tail=_text(rest),
        later_tail=_text(_routed(version, order, rest)),
    )


def _marked(version: int, contract: WireContract, order: WireOrder) -> list[str]:
    marks = OrderState(status=_STATUS, commission=_COMMISSION, commission_currency=_CURRENCY)
    return open_order(version, contract=contract, order=order, state=marks)


def _holes(fields: list[str]) -> tuple[int, int, int]:
    return fields.index(_STATUS), fields.index(_COMMISSION), fields.index(_CURRENCY)


def _routed(version: int, order: WireOrder, rest: list[str]) -> list[str]:
    """The last fields of an order that went to a venue: two values without meaning are gone."""
    if version < _FILLED_SINCE:
        return rest
    later = rest.copy()
    place = len(rest) - 4 - (newer_count(version) - newer_count(_FILLED_SINCE))
    if order.min_compete_size is None:
        later[place] = ""
    if not order.compete_against_best_offset:
        later[place + 1] = ""
    return later


def _text(fields: list[str]) -> str:
    """Each closed by a NUL; nothing for none."""
    return "".join(f"{field}\0" for field in fields)


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _joined(fields: list[str]) -> bytes:
    return _bytes(_text(fields))


def _between(fields: list[str]) -> bytes:
    """The same behind a hole, which it closes."""
    return b"\0" + _joined(fields)
