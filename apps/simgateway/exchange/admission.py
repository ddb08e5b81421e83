"""How an order comes in: looked at, joined to its family, held or let go."""

from apps.simgateway.exchange import work as at
from apps.simgateway.exchange.changes import set_expiry
from apps.simgateway.exchange.checks import band_breach, is_too_big, refusal
from apps.simgateway.exchange.closing import cancel
from apps.simgateway.exchange.days import trades_outside
from apps.simgateway.exchange.events import Accepted, Modified, Refused, Warned
from apps.simgateway.exchange.floor import Floor
from apps.simgateway.exchange.gates import progress
from apps.simgateway.exchange.order import INACTIVE, PRE_SUBMITTED, Order
from apps.simgateway.exchange.work import Work

UNKNOWN_CONTRACT = "No security definition has been found for the request"
RTH_IGNORED = (
    "Order Event Warning:Attribute 'Outside Regular Trading Hours' is ignored based on the order type and "
    "destination. PlaceOrder is now being processed."
)
CROSSES_SIDES = "The closing order quantity is greater than your current position."
REDUCED = "The size of the order was reduced to the limit of the precautionary settings."
REDUCE_FREELY = 3  # the OCA type of a bracket's children


def admit(floor: Floor, order: Order) -> None:
    """Take an order in, or refuse it."""
    work = work_for(floor, order)
    if work is None:
        floor.events.append(Refused(perm_id=order.perm_id, code=200, text=UNKNOWN_CONTRACT))
        return
    order.accepted_at = floor.now
    found = refusal(floor, work)
    if found is not None:
        floor.events.append(
            Refused(perm_id=order.perm_id, code=found.code, text=found.text, inactive=found.inactive)
        )
        if found.inactive:
            floor.finish(work, INACTIVE)
        return
    floor.add_live(work)
    _join_family(floor, work)
    if order.transmit:
        release_family(floor, work)
    else:
        work.stage = at.HELD


def work_for(floor: Floor, order: Order) -> Work | None:
    """The order with its instruments; None when one of them is unknown."""
    if not order.legs:
        instrument = floor.instrument(order.con_id)
        return None if instrument is None else Work(order=order, instrument=instrument)
    legs = [floor.instrument(leg.con_id) for leg in order.legs]
    known = tuple(leg for leg in legs if leg is not None)
    return Work(order=order, instrument=None, legs=known) if len(known) == len(legs) else None


def _join_family(floor: Floor, work: Work) -> None:
    order = work.order
    if order.parent:
        parent = floor.live.get(order.parent)
        if parent is not None:
            parent.children.append(order.perm_id)
        if not order.oca_group:
            order.oca_group, order.oca_type = str(order.parent), REDUCE_FREELY
    floor.join_group(work)


def release_family(floor: Floor, work: Work) -> None:
    """Bring a transmitted order to life, with those of its family that were held for it."""
    family = _tree(floor, _root(floor, work)) if work.order.parent else [work]
    members = [m for m in family if m is work or m.stage == at.HELD]
    for member in members:
        member.stage = ""
        member.order.transmit = True
        set_expiry(floor, member)
        floor.events.append(Accepted(perm_id=member.order.perm_id))
        if is_too_big(member):
            _reduce(floor, member)
        _warn(floor, member)
    for member in members:
        if member.stage == "" and member.order.perm_id in floor.live:
            _let_go(floor, member)


def _reduce(floor: Floor, work: Work) -> None:
    """Take what the size limit lets through, and say so."""
    limit = work.instrument.size_limit if work.instrument is not None else None
    if limit is None:
        return
    work.order.quantity = limit
    floor.events.append(Modified(perm_id=work.order.perm_id))
    floor.events.append(Warned(perm_id=work.order.perm_id, code=481, text=REDUCED))


def _warn(floor: Floor, work: Work) -> None:
    """Tell what will not be as asked; the order goes on."""
    order = work.order
    if order.outside_rth and not trades_outside(order):
        floor.events.append(Warned(perm_id=order.perm_id, code=2109, text=RTH_IGNORED))
    account = floor.accounts.account(order.account)
    if account is None or work.instrument is None or order.parent:
        return
    held = account.quantity(work.instrument.con_id)
    if held and (held > 0) != (order.side == "BUY") and order.quantity > abs(held):
        floor.events.append(Warned(perm_id=order.perm_id, code=2137, text=CROSSES_SIDES))


def _let_go(floor: Floor, work: Work) -> None:
    reason = band_breach(floor, work) if not work.order.parent else ""
    if reason and floor.sessions.state(work.hours, floor.now) == "open":
        floor.set_status(work, PRE_SUBMITTED)
        cancel(floor, work, reason=reason)
        return
    progress(floor, work)


def _root(floor: Floor, work: Work) -> Work:
    while work.order.parent and (parent := floor.live.get(work.order.parent)) is not None:
        work = parent
    return work


def _tree(floor: Floor, work: Work) -> list[Work]:
    """An order and all that hangs on it, parents first."""
    found = [work]
    for perm_id in work.children:
        child = floor.live.get(perm_id)
        if child is not None:
            found.extend(_tree(floor, child))
    return found
