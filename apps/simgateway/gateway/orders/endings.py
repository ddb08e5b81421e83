"""How an order that did not fill is told to its end."""

from apps.simgateway.exchange.events import StatusChanged
from apps.simgateway.exchange.order import CANCELLED, INACTIVE, PENDING_CANCEL, PRE_SUBMITTED, SUBMITTED
from apps.simgateway.gateway.core import Session
from apps.simgateway.gateway.hub import Hub
from apps.simgateway.gateway.orders.cause import Cause
from apps.simgateway.gateway.orders.messages import audience, say_error, say_open, say_pair, say_status
from apps.simgateway.gateway.orders.tickets import Ticket

CANCELED = "Order Canceled - reason:"
DISCARDED = "Order was discarded."
API_CANCELLED = "ApiCancelled"  # it never left the gateway
NOT_CANCELLABLE = "Cancel attempted when order is not in a cancellable state.  Order permId ={}"
ASKED = frozenset({"cancel", "global"})


def tell_cancelled(gateway: Hub, ticket: Ticket, event: StatusChanged, *, cause: Cause) -> None:
    """PendingCancel when somebody asked, Cancelled without an openOrder, and the error that says why."""
    if not ticket.transmitted:
        _tell_untransmitted(gateway, ticket)
        return
    reason = event.reason
    if cause.kind == "modify" and cause.subject is ticket and reason:
        _tell_killed_change(gateway, ticket, cause)
    elif cause.kind == "global" and ticket.silent:
        reason = reason or DISCARDED
    elif cause.kind in ASKED or ticket.order.tif == "IOC":
        _tell_pending(gateway, ticket)
    _end(gateway, ticket, status=CANCELLED, reason=reason)
    say_status(gateway, ticket, CANCELLED, to=audience(gateway, ticket))
    say_error(gateway, ticket, event.code, text=f"{CANCELED}{reason}")
    if cause.kind == "global" and ticket.silent:
        say_error(gateway, ticket, 161, text=not_cancellable(ticket))


def not_cancellable(ticket: Ticket) -> str:
    return NOT_CANCELLABLE.format(ticket.perm_id)


def refuse_cancel(gateway: Hub, session: Session, *, order_id: int, status: str, perm_id: int = 0) -> None:
    """The order is done already, or its exchange no longer lets it go."""
    words = {
        "10148": f"OrderId {order_id} that needs to be cancelled cannot be cancelled, state: {status}.",
        "161": NOT_CANCELLABLE.format(perm_id),
        "136": "This order cannot be cancelled.",
    }
    code = gateway.switches.cancel_refusal
    gateway.error(session, order_id, int(code), words[code])


def _tell_pending(gateway: Hub, ticket: Ticket) -> None:
    for _ in range(gateway.switches.pending_cancel_shown):
        if ticket.silent:
            say_pair(gateway, ticket, PENDING_CANCEL)
        else:
            say_status(gateway, ticket, PENDING_CANCEL, to=audience(gateway, ticket))


def _tell_untransmitted(gateway: Hub, ticket: Ticket) -> None:
    _end(gateway, ticket, status=CANCELLED)
    say_status(gateway, ticket, API_CANCELLED, to=audience(gateway, ticket))
    say_error(gateway, ticket, 202, text=CANCELED)
    gateway.orders.drop(ticket)


def _tell_killed_change(gateway: Hub, ticket: Ticket, cause: Cause) -> None:
    """A change that is refused by a price band takes the working order with it."""
    sessions = audience(gateway, ticket)
    if cause.before is None or cause.after is None:
        return
    ticket.adopt(*cause.after)
    say_pair(gateway, ticket, PRE_SUBMITTED)
    say_status(gateway, ticket, PENDING_CANCEL, to=sessions)
    say_status(gateway, ticket, SUBMITTED, to=sessions)
    ticket.adopt(*cause.before)
    say_pair(gateway, ticket, PRE_SUBMITTED)


def tell_inactive(gateway: Hub, ticket: Ticket) -> None:
    if ticket.status == INACTIVE:
        return
    _end(gateway, ticket, status=INACTIVE)
    sessions = audience(gateway, ticket)
    say_open(gateway, ticket, INACTIVE, to=sessions)
    say_status(gateway, ticket, INACTIVE, to=sessions)


def _end(gateway: Hub, ticket: Ticket, *, status: str, reason: str = "") -> None:
    ticket.status, ticket.why_held, ticket.reason = status, "", reason
    ticket.ended = gateway.now
    gateway.orders.finish(ticket)
    ticket.forget_prepared()
