"""When the gateway's day turns, and until when an order is good."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from apps.simgateway.exchange.instant import Instant, from_datetime, to_datetime
from apps.simgateway.exchange.order import Order
from apps.simgateway.exchange.ports import Hours

OUTSIDE_TYPES = frozenset({"LMT", "STP", "STP LMT", "TRAIL", "TRAIL LIMIT", "LIT", "MIT", "REL"})
UNTIL_DONE = frozenset({"GTC", "IOC", "FOK", "OPG"})


def next_midnight(zone: str, now: Instant) -> Instant:
    """The first midnight of that zone after now."""
    local = to_datetime(now).astimezone(ZoneInfo(zone))
    tomorrow = local.date() + timedelta(days=1)
    return from_datetime(datetime(tomorrow.year, tomorrow.month, tomorrow.day, tzinfo=ZoneInfo(zone)))


def trades_outside(order: Order) -> bool:
    """May it trade outside regular hours? A market order never does, whatever it asks for."""
    return order.outside_rth and order.order_type in OUTSIDE_TYPES


def good_until(sessions: Hours, order: Order, hours: str, *, now: Instant) -> Instant | None:
    """When an order expires by itself; None when it does not."""
    if order.tif == "GTD":
        return order.good_till
    if order.tif in UNTIL_DONE - {"IOC", "FOK"}:
        return None
    start = max(now, order.good_after or now)
    session = sessions.session(hours, sessions.trading_day(hours, start))
    if session is None:
        return None
    end = session.post if trades_outside(order) else session.close
    if end <= start:
        following = sessions.session(hours, sessions.trading_day(hours, session.post))
        if following is None:
            return None
        end = following.post if trades_outside(order) else following.close
    return min(end, order.good_till) if order.good_till is not None else end
