"""Orders come, change and go: placeOrder, cancelOrder, reqGlobalCancel."""

from apps.simgateway.exchange.events import Refused
from apps.simgateway.exchange.order import FILLED, Order
from apps.simgateway.gateway.core import Session
from apps.simgateway.gateway.hub import Hub
from apps.simgateway.gateway.link import over_the_line
from apps.simgateway.gateway.orders import translation
from apps.simgateway.gateway.orders.cause import Cause
from apps.simgateway.gateway.orders.endings import refuse_cancel
from apps.simgateway.gateway.orders.orderchecks import READ_ONLY, wrong_words
from apps.simgateway.gateway.orders.tickets import Past, Ticket
from apps.simgateway.gateway.orders.translation import Family, echoed_contract, exchange_order
from apps.simgateway.gateway.orders.whatif import preview, resolved
from apps.simgateway.gateway.reference.lookup import TOO_OLD, is_too_old
from apps.simgateway.wire.contract import WireContract
from apps.simgateway.wire.requests.orders import CancelOrder, ReqGlobalCancel
from apps.simgateway.wire.requests.placing import PlaceOrder

DUPLICATE_ID = "Duplicate order id"
MISSING_PARENT = "Missing parent order"
FILLED_ALREADY = "Cannot modify a filled order."
TOO_LATE = "Order rejected - reason:Order has been cancelled already, too late to replace"
NO_MATCH = "Order being modified does not match original order."
STILL_PROCESSED = "Unable to modify this order as it is still being processed."
PRESET = "Order TIF was set to DAY based on order preset."
BAD_TIME = (
    "The date, time, or time-zone entered is invalid. The correct format is yyyymmdd hh:mm:ss xx/xxxx where "
    "yyyymmdd and xx/xxxx are optional. E.g.: 20031126 15:59:00 US/Eastern"
)


def place(gateway: Hub, session: Session, request: PlaceOrder) -> None:
    """A preview, a change of a working order, or a new order."""
    order_id = request.order_id
    found = wrong_words(gateway, request.contract, request.order)
    if found is not None:
        _consume(gateway, session, request)
        gateway.error(session, order_id, *found, ref=request.order.order_ref)
        return
    if request.order.what_if:
        preview(gateway, session, request)
        return
    known = gateway.orders.find(session.client_id, order_id)
    if isinstance(known, Ticket) and not known.is_done:
        _change(gateway, session, request, ticket=known)
    elif known is not None:
        _refuse_finished(gateway, session, request, known=known)
    elif gateway.orders.is_used(session.client_id, order_id):
        gateway.error(session, order_id, 103, DUPLICATE_ID, ref=request.order.order_ref)
    else:
        _enter(gateway, session, request)


def _consume(gateway: Hub, session: Session, request: PlaceOrder) -> None:
    if not request.order.what_if:
        gateway.orders.use_id(session.client_id, request.order_id)


def _refuse_finished(gateway: Hub, session: Session, request: PlaceOrder, *, known: Ticket | Past) -> None:
    """A number whose order is done: what is said depends on whether this connection knew it alive."""
    fresh = isinstance(known, Past) or known.conn != session.conn
    code, text = (103, DUPLICATE_ID)
    if not fresh:
        code, text = (104, FILLED_ALREADY) if known.status == FILLED else (201, TOO_LATE)
    gateway.error(session, request.order_id, code, text, ref=request.order.order_ref)


def _enter(gateway: Hub, session: Session, request: PlaceOrder) -> None:
    """A new order."""
    _consume(gateway, session, request)
    contract = resolved(gateway, session, request)
    if contract is None:
        return
    if is_too_old(session, gateway.catalogue.by_con_id(contract.con_id)):
        gateway.error(session, request.order_id, *TOO_OLD, ref=request.order.order_ref)
        return
    parent = _parent(gateway, session, request)
    if parent is None and request.order.parent_id:
        gateway.error(session, request.order_id, 10006, MISSING_PARENT, ref=request.order.order_ref)
        return
    family = Family(
        perm_id=gateway.orders.allot_perm_id(),
        client_id=session.client_id,
        parent=parent.perm_id if parent is not None else 0,
    )
    try:
        order = exchange_order(gateway, contract, request.order, family=family)
    except ValueError:
        gateway.error(session, request.order_id, 391, BAD_TIME, ref=request.order.order_ref)
        return
    ticket = _ticket(session, request, contract, family=family)
    if gateway.switches.tif_preset_notice and not request.order.tif:
        gateway.error(session, request.order_id, 10349, PRESET, ref=ticket.reference)
    _fill_in(gateway, ticket, parent)
    gateway.orders.add(ticket)
    over_the_line(gateway, lambda: _submit(gateway, ticket, order))


def _parent(gateway: Hub, session: Session, request: PlaceOrder) -> Ticket | None:
    """The ticket of the parent that is named."""
    if not request.order.parent_id:
        return None
    found = gateway.orders.find(session.client_id, request.order.parent_id)
    return found if isinstance(found, Ticket) else None


def _ticket(session: Session, request: PlaceOrder, contract: WireContract, *, family: Family) -> Ticket:
    return Ticket(
        perm_id=family.perm_id,
        client_id=session.client_id,
        order_id=request.order_id,
        conn=session.conn,
        contract=contract,
        order=request.order,
        frame=session.frame,
        version=session.version,
        parent_order_id=request.order.parent_id,
        quantity=request.order.total_quantity,
        wording=request.wording,
    )


def _fill_in(gateway: Hub, ticket: Ticket, parent: Ticket | None) -> None:
    """What the gateway adds to the client's words."""
    order = ticket.order
    order.order_id, order.client_id, order.perm_id = ticket.order_id, ticket.client_id, ticket.perm_id
    order.account = translation.account_of(gateway, order)
    order.tif = order.tif or "DAY"
    if parent is not None:
        order.parent_perm_id = parent.perm_id
        order.oca_group = order.oca_group or str(parent.perm_id)


def _submit(gateway: Hub, ticket: Ticket, order: Order) -> None:
    gateway.note("order", perm_id=ticket.perm_id, client=ticket.client_id, order_id=ticket.order_id)
    events = gateway.venue.submit(order, gateway.now)
    gateway.on_events(events, Cause(kind="place", subject=ticket))


def _change(gateway: Hub, session: Session, request: PlaceOrder, *, ticket: Ticket) -> None:
    """Other words for a working order."""
    contract = resolved(gateway, session, request)
    if contract is None:
        return
    if not _parent_fits(gateway, session, request):
        return
    family = Family(perm_id=ticket.perm_id, client_id=ticket.client_id)
    request.order.tif = request.order.tif or "DAY"
    try:
        old = exchange_order(gateway, ticket.contract, ticket.order, family=family)
        new = exchange_order(gateway, contract, request.order, family=family)
    except ValueError:
        gateway.error(session, request.order_id, 391, BAD_TIME, ref=ticket.reference)
        return
    if (old.side, old.con_id, bool(old.legs)) != (new.side, new.con_id, bool(new.legs)):
        gateway.error(session, request.order_id, 105, NO_MATCH, ref=ticket.reference)
        return
    if not gateway.link_up and gateway.venue.order(ticket.perm_id) is None:
        gateway.error(session, request.order_id, 2102, STILL_PROCESSED, ref=ticket.reference)
        return
    if not gateway.link_up and gateway.switches.outage_modify_duplicates:
        _double(gateway, session, request, contract=contract)
        return
    frame = session.frame
    over_the_line(gateway, lambda: _modify(gateway, ticket, request, frame=frame, old=old, new=new))


def _parent_fits(gateway: Hub, session: Session, request: PlaceOrder) -> bool:
    """Some builds no longer find a parent that has filled."""
    if not gateway.switches.child_parent_modify_135 or not request.order.parent_id:
        return True
    parent = gateway.orders.find(session.client_id, request.order.parent_id)
    if isinstance(parent, Ticket) and not parent.is_done:
        return True
    text = f"Can't find order with id ={request.order.parent_id}"
    gateway.error(session, request.order_id, 135, text, ref=request.order.order_ref)
    return False


def _double(gateway: Hub, session: Session, request: PlaceOrder, *, contract: WireContract) -> None:
    """Seen after outages: the change arrives as a second order with the same order id."""
    family = Family(perm_id=gateway.orders.allot_perm_id(), client_id=session.client_id)
    order = exchange_order(gateway, contract, request.order, family=family)
    ticket = _ticket(session, request, contract, family=family)
    _fill_in(gateway, ticket, None)
    gateway.orders.add(ticket)
    over_the_line(gateway, lambda: _submit(gateway, ticket, order))


def _modify(
    gateway: Hub, ticket: Ticket, request: PlaceOrder, *, frame: list[str], old: Order, new: Order
) -> None:
    wanted = translation.changes(old, new)
    events = gateway.venue.modify(ticket.perm_id, wanted, gateway.now)
    before = (ticket.contract, ticket.order)
    refused = any(isinstance(event, Refused) and event.perm_id == ticket.perm_id for event in events)
    gateway.note("modify", perm_id=ticket.perm_id, changes=list(wanted), refused=refused)
    after = (echoed_contract(request.contract, None) if new.legs else ticket.contract, request.order)
    request.order.parent_id = request.order.parent_id or ticket.order.parent_id
    request.order.oca_group = request.order.oca_group or ticket.order.oca_group
    request.order.order_id, request.order.client_id = ticket.order_id, ticket.client_id
    request.order.perm_id, request.order.parent_perm_id = ticket.perm_id, ticket.order.parent_perm_id
    request.order.account = ticket.order.account
    if not refused:
        ticket.adopt(*after)
        ticket.frame = frame
    gateway.on_events(events, Cause(kind="modify", subject=ticket, before=before, after=after))


def cancel(gateway: Hub, session: Session, request: CancelOrder) -> None:
    """A client takes an order back."""
    found = gateway.orders.find(session.client_id, request.order_id)
    if found is None and gateway.switches.cross_client_cancel:
        found = gateway.orders.of_other_clients(session.client_id, request.order_id)
    if gateway.switches.read_only:
        gateway.error(session, request.order_id, 321, READ_ONLY)
    elif found is None:
        text = f"OrderId {request.order_id} that needs to be cancelled is not found."
        gateway.error(session, request.order_id, 10147, text)
    elif isinstance(found, Past) or found.is_done:
        perm_id = found.perm_id if isinstance(found, Ticket) else 0
        refuse_cancel(gateway, session, order_id=request.order_id, status=found.status, perm_id=perm_id)
    else:
        ticket = found
        over_the_line(gateway, lambda: _cancel(gateway, session, ticket))


def _cancel(gateway: Hub, session: Session, ticket: Ticket) -> None:
    gateway.note("cancel", perm_id=ticket.perm_id, client=session.client_id)
    events = gateway.venue.cancel(ticket.perm_id, gateway.now)
    gateway.on_events(events, Cause(kind="cancel", subject=ticket, asker=session))


def cancel_everything(gateway: Hub, session: Session, request: ReqGlobalCancel) -> None:
    """Every order of every client goes, those made by hand as well."""
    if gateway.switches.read_only:
        gateway.error(session, -1, 321, READ_ONLY)
        return
    over_the_line(gateway, lambda: _cancel_all(gateway))


def _cancel_all(gateway: Hub) -> None:
    gateway.note("global_cancel")
    gateway.on_events(gateway.venue.cancel_all(gateway.now), Cause(kind="global"))


HANDLERS = {PlaceOrder: place, CancelOrder: cancel, ReqGlobalCancel: cancel_everything}
