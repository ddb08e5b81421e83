"""What the end or the filling of one order does to its family and to its OCA peers."""

from decimal import ROUND_DOWN, ROUND_UP, Decimal

from apps.simgateway.exchange.events import Modified
from apps.simgateway.exchange.floor import Floor
from apps.simgateway.exchange.order import CANCELLED, FILLED, ZERO, Order
from apps.simgateway.exchange.work import CHILD, HELD, Work

_ONE = Decimal(1)
CANCEL_PEERS = 1


def cancel(floor: Floor, work: Work, *, reason: str = "", code: int = 202) -> None:
    """Cancel an order, and its children with it."""
    floor.finish(work, CANCELLED, reason=reason, code=code)
    settle_children(floor, work)


def settle_children(floor: Floor, parent: Work) -> None:
    """A parent ended unfilled: its children go, or shrink to what it filled."""
    order = parent.order
    for perm_id in list(parent.children):
        child = floor.live.get(perm_id)
        if child is None:
            continue
        wanted = whole(child.order.quantity * order.filled / order.quantity) if order.quantity else ZERO
        resize(floor, child, wanted)
        if child.stage in (CHILD, HELD) and not child.order.is_done:
            floor.freed.append(child)


def resize(floor: Floor, work: Work, quantity: Decimal) -> None:
    """Give an order another quantity; what it has filled already ends it."""
    order = work.order
    if quantity <= order.filled:
        if order.filled:
            order.quantity = order.filled
            floor.finish(work, FILLED)
        else:
            cancel(floor, work)
    elif quantity != order.quantity:
        order.quantity = quantity
        floor.events.append(Modified(perm_id=order.perm_id))


def after_fill(floor: Floor, work: Work, *, shares: Decimal, remaining: Decimal) -> None:
    """Peers are cancelled or reduced; children may start. `remaining` is what was open before the print."""
    for perm_id in work.children:
        child = floor.live.get(perm_id)
        if child is not None:
            floor.freed.append(child)
    if not work.order.oca_group:
        return
    for peer in floor.peers(work):
        if work.order.oca_type == CANCEL_PEERS:
            cancel(floor, peer)
        else:
            left = peer.order.remaining
            resize(floor, peer, peer.order.quantity - _cut(left, shares, remaining))


def _cut(left: Decimal, shares: Decimal, remaining: Decimal) -> Decimal:
    """What a peer loses: the same share of its open quantity, rounded up, so none overfills."""
    if shares >= remaining:
        return left
    return min(left, (left * shares / remaining).quantize(_ONE, rounding=ROUND_UP))


def whole(quantity: Decimal) -> Decimal:
    return quantity.quantize(_ONE, rounding=ROUND_DOWN)


def allowed(floor: Floor, order: Order) -> Decimal:
    """What an order may fill now: all that is open, or a child's share of what its parent has filled."""
    if not order.parent:
        return order.remaining
    parent = floor.live.get(order.parent)
    if parent is None:
        return order.remaining
    share = whole(order.quantity * parent.order.filled / parent.order.quantity)
    return max(ZERO, min(order.remaining, share - order.filled))
