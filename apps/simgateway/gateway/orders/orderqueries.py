"""Who asks for orders: one's own, everybody's, those made by hand, those that are done."""

from collections.abc import Iterable
from zoneinfo import ZoneInfo

from apps.simgateway.exchange.instant import to_datetime
from apps.simgateway.exchange.order import FILLED
from apps.simgateway.gateway.core import Session
from apps.simgateway.gateway.hub import Hub
from apps.simgateway.gateway.orders.messages import say_open, say_status
from apps.simgateway.gateway.orders.orderchecks import READ_ONLY
from apps.simgateway.gateway.orders.tickets import Ticket
from apps.simgateway.wire.answers.orders import (
    completed_order,
    completed_orders_end,
    open_order_end,
    order_bound,
)
from apps.simgateway.wire.requests.orders import (
    ReqAllOpenOrders,
    ReqAutoOpenOrders,
    ReqCompletedOrders,
    ReqOpenOrders,
)
from apps.simgateway.wire.state import OrderState

ONLY_CLIENT_0 = "Only the default client (i.e 0) can auto bind orders."


def announce(gateway: Hub, session: Session) -> None:
    """A client that left orders working hears of them before its ids, unasked."""
    own = list(gateway.orders.working(session.client_id))
    if own:
        _tell(gateway, session, own)


def _tell(gateway: Hub, session: Session, tickets: Iterable[Ticket]) -> None:
    for ticket in tickets:
        say_open(gateway, ticket, ticket.status, to=[session])
        say_status(gateway, ticket, ticket.status, to=[session])
    gateway.send(session, open_order_end(session.version))


def _refused(gateway: Hub, session: Session) -> bool:
    """The Read-Only box hides orders, too."""
    if gateway.switches.read_only:
        gateway.error(session, -1, 321, READ_ONLY)
    return gateway.switches.read_only


def tell_own(gateway: Hub, session: Session, request: ReqOpenOrders) -> None:
    if not _refused(gateway, session):
        _tell(gateway, session, gateway.orders.working(session.client_id))


def tell_all(gateway: Hub, session: Session, request: ReqAllOpenOrders) -> None:
    if not _refused(gateway, session):
        _tell(gateway, session, gateway.orders.working())


def bind(gateway: Hub, session: Session, request: ReqAutoOpenOrders) -> None:
    """Client 0 gets the orders made by hand, now and from now on. There is no end message."""
    if session.client_id != 0:
        gateway.error(session, -1, 327, ONLY_CLIENT_0)
        return
    session.binds_manual = request.auto_bind
    if request.auto_bind:
        for ticket in gateway.orders.working(0):
            if ticket.order_id == 0:
                bind_manual(gateway, session, ticket)


def bind_manual(gateway: Hub, session: Session, ticket: Ticket) -> None:
    """An order made by hand gets a negative id of client 0."""
    gateway.orders.bound += 1
    order_id = -gateway.orders.bound
    gateway.orders.rename(ticket, 0, order_id)
    bound = order_bound(session.version, perm_id=ticket.perm_id, client_id=0, order_id=order_id)
    gateway.send(session, bound, ref=ticket.reference, order_id=order_id)
    say_open(gateway, ticket, ticket.status, to=[session])
    say_status(gateway, ticket, ticket.status, to=[session])


def tell_completed(gateway: Hub, session: Session, request: ReqCompletedOrders) -> None:
    if _refused(gateway, session):
        return
    for ticket in gateway.orders.finished():
        if ticket.order_id <= 0 and request.api_only:
            continue
        ticket.order.filled_quantity = ticket.filled
        message = completed_order(
            session.version,
            contract=ticket.contract,
            order=ticket.order,
            state=_completed(gateway, ticket),
        )
        gateway.send(session, message, ref=ticket.reference, order_id=ticket.order_id)
    gateway.send(session, completed_orders_end(session.version))


def _completed(gateway: Hub, ticket: Ticket) -> OrderState:
    zone = gateway.switches.midnight_zone
    ended = to_datetime(ticket.ended).astimezone(ZoneInfo(zone))
    words = "Cancelled by Trader"
    if ticket.status == FILLED:
        words = f"Filled Size: {ticket.filled.normalize():f}"
    elif ticket.reason:
        words = f"Cancelled by System:{ticket.reason}"
    return OrderState(
        status=ticket.status,
        completed_time=f"{ended:%Y%m%d %H:%M:%S} {zone}",
        completed_status=words,
    )


HANDLERS = {
    ReqOpenOrders: tell_own,
    ReqAllOpenOrders: tell_all,
    ReqAutoOpenOrders: bind,
    ReqCompletedOrders: tell_completed,
}
