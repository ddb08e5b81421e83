"""Single messages about an order, to everybody who is to hear them."""

from apps.simgateway.gateway.core import Session
from apps.simgateway.gateway.hub import Hub
from apps.simgateway.gateway.orders.tickets import Ticket
from apps.simgateway.wire.answers.orders import order_status


def audience(gateway: Hub, ticket: Ticket) -> list[Session]:
    """The order's client and the master; nobody while the line to the broker is down."""
    if not gateway.link_up:
        return []
    own, master = ticket.client_id, gateway.switches.master_client_id
    if not ticket.order_id:  # made by hand, and bound by nobody
        own = master
    return [s for s in gateway.sessions.values() if s.ready and s.client_id in (own, master)]


def say_open(gateway: Hub, ticket: Ticket, status: str, *, to: list[Session]) -> None:
    ref, order_id = ticket.order.order_ref, ticket.order_id
    for session in to:
        gateway.send_body(session, ticket.open_order(session.version, status), ref=ref, order_id=order_id)


def say_status(gateway: Hub, ticket: Ticket, status: str, *, to: list[Session]) -> None:
    ref, order_id = ticket.order.order_ref, ticket.order_id
    for session in to:
        gateway.send_body(session, _status(ticket, session.version, status), ref=ref, order_id=order_id)


def _status(ticket: Ticket, version: int, status: str) -> bytes:
    return order_status(
        version,
        order_id=ticket.order_id,
        status=status,
        filled=ticket.filled,
        remaining=ticket.quantity - ticket.filled,
        avg_fill_price=ticket.average,
        perm_id=ticket.perm_id,
        parent_id=ticket.parent_order_id,
        last_fill_price=ticket.last_price,
        client_id=ticket.client_id,
        why_held=ticket.why_held,
    )


def say_pair(gateway: Hub, ticket: Ticket, status: str = "") -> None:
    """openOrder and orderStatus with the same status; an open one is told before the next."""
    shown = status or ticket.status
    ref, order_id = ticket.order.order_ref, ticket.order_id
    for session in audience(gateway, ticket):
        version = session.version
        gateway.send_body(session, ticket.open_order(version, shown), ref=ref, order_id=order_id)
        gateway.send_body(session, _status(ticket, version, shown), ref=ref, order_id=order_id)
    ticket.said = True


def say_error(gateway: Hub, ticket: Ticket, code: int, *, text: str) -> None:
    """To the order's own client alone."""
    if not gateway.link_up:
        return
    session = gateway.session_of(ticket.client_id)
    if session is not None and ticket.order_id:
        gateway.error(session, ticket.order_id, code, text, ref=ticket.order.order_ref)
