"""What outlives the process: ids, permIds, the clients' own words, and all that the exchange keeps."""

from typing import Any

from apps.simgateway.gateway.hub import Hub
from apps.simgateway.gateway.orders.ticketrows import row_of, ticket_of

FORM = 2


def dumped(gateway: Hub) -> dict[str, Any]:
    orders = gateway.orders
    return {
        "form": FORM,
        "now": gateway.now,
        "next_perm_id": orders.next_perm_id,
        "high_water": orders.high_water,
        "announced": orders.announced,
        "foreign": orders.foreign,
        "tickets": [row_of(ticket) for ticket in orders.tickets.values()],
        "bound": orders.bound,
        "past": orders.past.dump(),
        "venue": gateway.venue.dump(),
    }


def restore(gateway: Hub, state: dict[str, Any]) -> None:
    """Take up a dump. Orders that were never transmitted were only in the gateway's memory: they are gone."""
    if state.get("form") != FORM:
        raise ValueError(f"this state has form {state.get('form')!r}, not {FORM}; start without it")
    gateway.venue.load(state["venue"])
    orders = gateway.orders
    orders.next_perm_id = state["next_perm_id"]
    orders.high_water = {int(client): number for client, number in state["high_water"].items()}
    orders.announced = {int(client): number for client, number in state["announced"].items()}
    orders.foreign = dict(state["foreign"])
    orders.bound = state["bound"]
    orders.past.load(state["past"])
    for row in state["tickets"]:
        ticket = ticket_of(row)
        orders.add(ticket)
        if ticket.is_done:
            orders.done[ticket.perm_id] = ticket
    forget_untransmitted(gateway)


def forget_untransmitted(gateway: Hub) -> None:
    """A gateway that stops forgets what it never passed on, without a word."""
    for ticket in [t for t in gateway.orders.tickets.values() if not t.transmitted and not t.is_done]:
        gateway.venue.cancel(ticket.perm_id, gateway.now)
        gateway.orders.drop(ticket)
