"""What outlives the process: ids, permIds, the clients' own words, and all that the exchange keeps."""

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from apps.simgateway.exchange.saving import plain, revived
from apps.simgateway.gateway.tickets import Past, Ticket
from apps.simgateway.wire.contract import WireContract
from apps.simgateway.wire.order import WireOrder
from apps.simgateway.wire.requests.parsing import parse
from apps.simgateway.wire.requests.placing import PlaceOrder

if TYPE_CHECKING:
    from apps.simgateway.gateway.hub import Hub

FORM = 1
_SHOWN = (
    "perm_id", "client_id", "order_id", "version", "parent_order_id", "transmitted", "silent", "said",
    "status", "why_held", "quantity", "filled", "average", "last_price", "commission",
    "commission_currency", "reason", "ended", "frame",
)  # fmt: skip
_GIVEN = ("oca_group", "account", "tif", "parent_perm_id", "total_quantity")  # the gateway's own words
_AMOUNTS = frozenset({"quantity", "filled", "average", "last_price", "total_quantity"})


def dumped(gateway: "Hub") -> dict[str, Any]:
    orders = gateway.orders
    return {
        "form": FORM,
        "now": gateway.now,
        "next_perm_id": orders.next_perm_id,
        "high_water": orders.high_water,
        "announced": orders.announced,
        "foreign": orders.foreign,
        "tickets": [_dumped_ticket(ticket) for ticket in orders.tickets.values()],
        "past": {perm_id: plain(past) for perm_id, past in orders.past.items()},
        "venue": gateway.venue.dump(),
    }


def _dumped_ticket(ticket: Ticket) -> dict[str, Any]:
    row = {name: plain(getattr(ticket, name)) for name in _SHOWN}
    given = {name: plain(getattr(ticket.order, name)) for name in _GIVEN}
    row |= {"given": given, "contract": plain(ticket.contract)}
    return row if ticket.frame else row | {"words": plain(ticket.order)}


def restore(gateway: "Hub", state: dict[str, Any]) -> None:
    """Take up a dump. Orders that were never transmitted were only in the gateway's memory: they are gone."""
    if state.get("form") != FORM:
        raise ValueError(f"this state has form {state.get('form')!r}, not {FORM}; start without it")
    gateway.venue.load(state["venue"])
    orders = gateway.orders
    orders.next_perm_id = state["next_perm_id"]
    orders.high_water = {int(client): number for client, number in state["high_water"].items()}
    orders.announced = {int(client): number for client, number in state["announced"].items()}
    orders.foreign = dict(state["foreign"])
    orders.past = {int(perm_id): revived(Past, row) for perm_id, row in state["past"].items()}
    for row in state["tickets"]:
        _restore_ticket(gateway, row)
    forget_untransmitted(gateway)


def _restore_ticket(gateway: "Hub", row: dict[str, Any]) -> None:
    ticket = Ticket(
        perm_id=row["perm_id"],
        client_id=row["client_id"],
        order_id=row["order_id"],
        conn=0,
        contract=revived(WireContract, row["contract"]),
        order=_words(row),
        frame=row["frame"],
        version=row["version"],
    )
    for name in _SHOWN:
        setattr(ticket, name, _as_is(name, row[name]))
    order = ticket.order
    order.order_id, order.client_id, order.perm_id = ticket.order_id, ticket.client_id, ticket.perm_id
    for name, value in row["given"].items():
        setattr(order, name, _as_is(name, value))
    gateway.orders.add(ticket)
    if ticket.is_done:
        gateway.orders.done[ticket.perm_id] = ticket


def _words(row: dict[str, Any]) -> WireOrder:
    """A client's words are read again from its own request; an order made by hand has none."""
    if not row["frame"]:
        made: WireOrder = revived(WireOrder, row["words"])
        return made
    request = parse(row["frame"], row["version"])
    if not isinstance(request, PlaceOrder):
        raise ValueError(f"order {row['perm_id']} of the state was not made by placeOrder")
    return request.order


def _as_is(name: str, value: Any) -> Any:
    return Decimal(value) if name in _AMOUNTS else value


def forget_untransmitted(gateway: "Hub") -> None:
    """A gateway that stops forgets what it never passed on, without a word."""
    for ticket in [t for t in gateway.orders.tickets.values() if not t.transmitted and not t.is_done]:
        gateway.venue.cancel(ticket.perm_id, gateway.now)
        gateway.orders.drop(ticket)
