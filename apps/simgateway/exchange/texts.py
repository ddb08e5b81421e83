"""What the broker says with its codes."""

from zoneinfo import ZoneInfo

from apps.simgateway.exchange.floor import Floor
from apps.simgateway.exchange.instant import to_datetime
from apps.simgateway.exchange.work import Work


def closed_warning(floor: Floor, work: Work) -> str:
    """The text of the 399 for an order that waits for the open."""
    order, instrument = work.order, work.lead
    zone = floor.sessions.zone_id(instrument.hours)
    opens = to_datetime(floor.sessions.next_open(instrument.hours, floor.now)).astimezone(ZoneInfo(zone))
    name = f"{instrument.symbol} {instrument.primary_exchange}.{instrument.trading_class}"
    return (
        f"Order Message:\n{order.side} {order.quantity.normalize():f} {name}\n"
        "Warning: Your order will not be placed at the exchange until "
        f"{opens:%Y-%m-%d %H:%M:%S} {zone}."
    )
