"""Orders for the opening and the closing auction."""

from datetime import date
from decimal import Decimal

from apps.simgateway.exchange.closing import cancel
from apps.simgateway.exchange.floor import Floor
from apps.simgateway.exchange.instant import Instant
from apps.simgateway.exchange.order import Order
from apps.simgateway.exchange.prints import print_fill
from apps.simgateway.exchange.work import AT_CLOSE, AUCTION, Work


def is_for_auction(order: Order) -> bool:
    return order.order_type in AT_CLOSE or order.tif == "OPG"


def which(order: Order) -> str:
    return "close" if order.order_type in AT_CLOSE else "open"


def kind_of(order: Order) -> str:
    """The word for the cut-off table."""
    return order.order_type if order.order_type in AT_CLOSE else "OPG"


def auction_day(floor: Floor, work: Work) -> date:
    """The trading day whose auction an order is for: today's while its edge is ahead, else the next."""
    sessions = floor.sessions
    day = sessions.trading_day(work.hours, floor.now)
    session = sessions.session(work.hours, day)
    if session is None:
        return day
    edge = session.close if which(work.order) == "close" else session.open
    return day if floor.now < edge else sessions.trading_day(work.hours, session.post)


def auction_time(floor: Floor, work: Work, day: date) -> Instant:
    """When the auction is crossed."""
    found = floor.sessions.auction(work.lead.primary_exchange, day, which(work.order))
    if found is not None:
        return found
    session = floor.sessions.session(work.hours, day)
    if session is None:
        return floor.now
    return session.close if which(work.order) == "close" else session.open


def cross(floor: Floor, work: Work) -> None:
    """Fill an order at the auction's price, or cancel it when its limit or a halt keeps it out."""
    order = work.order
    day = work.auction_day or auction_day(floor, work)
    price = floor.market.auction_price(work.lead.con_id, day, which(order))
    halted = floor.market.quote(work.lead.con_id, floor.now).halted
    takes_any = order.order_type in ("MOC", "MKT") or order.limit is None
    if price is None or halted or not (takes_any or _reaches(order, price)):
        cancel(floor, work)
        return
    print_fill(floor, work, order.remaining, price=price, venue=work.lead.primary_exchange)


def _reaches(order: Order, price: Decimal) -> bool:
    if order.limit is None:
        return True
    return price <= order.limit if order.side == "BUY" else price >= order.limit


def too_late(floor: Floor, work: Work, suffix: str = "") -> bool:
    """Is the cut-off for entering (or, with `_CANCEL`, for changing) past and the auction still ahead?"""
    day = work.auction_day or auction_day(floor, work)
    limit = floor.sessions.cutoff(work.lead.primary_exchange, kind_of(work.order) + suffix, day)
    return limit is not None and floor.now >= limit


def is_locked_in(floor: Floor, work: Work) -> bool:
    """Has its auction closed to cancellations?"""
    return work.stage == AUCTION and too_late(floor, work, "_CANCEL")
