"""Tickets as rows of plain values: for the state of a run, and for orders that were done long ago."""

from decimal import Decimal
from operator import attrgetter
from typing import Any

from apps.simgateway.exchange.archive import Keys, Row
from apps.simgateway.exchange.plain import plain, revived
from apps.simgateway.gateway.orders.tickets import Past, Ticket
from apps.simgateway.wire.contract import WireContract
from apps.simgateway.wire.order import WireOrder
from apps.simgateway.wire.requests.parsing import parse
from apps.simgateway.wire.requests.placing import PlaceOrder

_PLAIN = (
    "perm_id", "client_id", "order_id", "version", "parent_order_id", "transmitted", "silent", "said",
    "status", "why_held", "commission", "commission_currency", "reason", "ended",
)  # fmt: skip
_SEPARATOR = "\x7f"  # of the fields of a request: JSON takes it as it is, a NUL would be six characters
_AMOUNTS = ("quantity", "filled", "average", "last_price")
_GIVEN = ("oca_group", "account", "tif", "parent_perm_id")  # the gateway's own words in the order
_OF_CONTRACT = (
    "con_id", "symbol", "sec_type", "expiry", "right", "multiplier", "exchange", "primary_exchange",
    "currency", "local_symbol", "trading_class",
)  # fmt: skip
_plain_of, _amounts_of = attrgetter(*_PLAIN), attrgetter(*_AMOUNTS)
_given_of, _words_of = attrgetter(*_GIVEN), attrgetter(*_OF_CONTRACT)


def row_of(ticket: Ticket) -> Row:
    """All that a ticket is made of; the client's words as the request that brought them."""
    row: Row = dict(zip(_PLAIN, _plain_of(ticket), strict=True))
    row.update(zip(_AMOUNTS, map(str, _amounts_of(ticket)), strict=True))
    order = ticket.order
    row["given"] = list(_given_of(order))
    row["total"] = str(order.total_quantity)
    row["reference"] = order.order_ref
    row["contract"] = _contract_row(ticket.contract)
    row["frame"] = _SEPARATOR.join(ticket.frame)
    if row["frame"].count(_SEPARATOR) != max(0, len(ticket.frame) - 1):
        row["frame"] = "\0".join(ticket.frame)
    if not ticket.frame:
        row["words"] = plain(order)
    return row


def _contract_row(contract: WireContract) -> Any:
    if contract.combo_legs:
        return plain(contract)
    return [*_words_of(contract), str(contract.strike)]


def keys_of(ticket: Ticket) -> Keys:
    """A ticket is found by its permId and by its client's own number."""
    return {"perm": ticket.perm_id, client_key(ticket.client_id): ticket.order_id}


def client_key(client_id: int) -> str:
    return f"client {client_id}"


def ticket_of(row: Row) -> Ticket:
    """The opposite of `row_of`; the connection it came by is gone."""
    frame = row["frame"].split("\0" if "\0" in row["frame"] else _SEPARATOR) if row["frame"] else []
    ticket = Ticket(
        perm_id=row["perm_id"],
        client_id=row["client_id"],
        order_id=row["order_id"],
        conn=0,
        contract=_contract(row["contract"]),
        order=_words(row, frame),
        frame=frame,
        version=row["version"],
    )
    for name in _PLAIN:
        setattr(ticket, name, row[name])
    for name in _AMOUNTS:
        setattr(ticket, name, Decimal(row[name]))
    order = ticket.order
    order.order_id, order.client_id, order.perm_id = ticket.order_id, ticket.client_id, ticket.perm_id
    order.total_quantity = Decimal(row["total"])
    for name, value in zip(_GIVEN, row["given"], strict=True):
        setattr(order, name, value)
    return ticket


def _contract(row: Any) -> WireContract:
    if isinstance(row, dict):
        combo: WireContract = revived(WireContract, row)
        return combo
    *texts, strike = row
    return WireContract(strike=Decimal(strike), **dict(zip(_OF_CONTRACT, texts, strict=True)))


def _words(row: Row, frame: list[str]) -> WireOrder:
    """A client's words are read again from its own request; an order made by hand has none."""
    if not frame:
        made: WireOrder = revived(WireOrder, row["words"])
        return made
    request = parse(frame, row["version"])
    if not isinstance(request, PlaceOrder):
        raise ValueError(f"order {row['perm_id']} of the state was not made by placeOrder")
    return request.order


def past_of(row: Row) -> Past:
    """The little that most questions need."""
    contract = row["contract"]
    symbol = contract["symbol"] if isinstance(contract, dict) else contract[1]
    return Past(row["client_id"], row["order_id"], row["reference"], row["status"], symbol)
