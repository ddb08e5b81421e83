"""Orders that wait for a price: stops, touches and trails."""

from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from apps.simgateway.exchange.floor import Floor
from apps.simgateway.exchange.instrument import Instrument
from apps.simgateway.exchange.order import Order
from apps.simgateway.exchange.quote import Quote
from apps.simgateway.exchange.work import Work

LAST, BID_ASK, EITHER, MID = 2, 4, 7, 8
_SAME = {1: BID_ASK, 3: LAST}  # the double methods look at the same prices
_BY_QUOTES = frozenset({"OPT", "FOP", "CASH"})
TRAILS = frozenset({"TRAIL", "TRAIL LIMIT"})
TOUCHES = frozenset({"MIT", "LIT"})


def method_of(order: Order, instrument: Instrument) -> int:
    """Which price pulls the trigger: the order's choice, else what its kind of instrument uses."""
    method = _SAME.get(order.trigger_method, order.trigger_method)
    if method:
        return method
    return BID_ASK if instrument.sec_type in _BY_QUOTES else LAST


def seen_prices(method: int, quote: Quote, *, rising: bool) -> list[Decimal]:
    """The prices a trigger is compared with: a rise must be bid, a fall must be offered."""
    side = quote.bid if rising else quote.ask
    by_method = {LAST: (quote.last,), BID_ASK: (side,), EITHER: (quote.last, side), MID: (quote.mid,)}
    return [price for price in by_method.get(method, (quote.last,)) if price is not None]


def is_touched(work: Work, quote: Quote) -> bool:
    """Has the market reached the order's trigger?"""
    order, instrument = work.order, work.lead
    stop = order.trail_stop if order.order_type in TRAILS else order.aux
    if stop is None or quote.halted:
        return False
    rising = (order.side == "BUY") != (order.order_type in TOUCHES)
    prices = seen_prices(method_of(order, instrument), quote, rising=rising)
    return any(price >= stop if rising else price <= stop for price in prices)


def follow(floor: Floor, work: Work, quote: Quote) -> None:
    """Let a trailing stop follow the market; it never gives way."""
    order = work.order
    if order.order_type not in TRAILS:
        return
    rising = order.side == "BUY"
    prices = seen_prices(method_of(order, work.lead), quote, rising=rising)
    if not prices:
        return
    price = min(prices) if rising else max(prices)
    if order.trail_stop is None:
        work.best_seen = price
        order.trail_stop = _behind(floor, work, price)
        return
    if work.best_seen is None:
        work.best_seen = price
    if price < work.best_seen if rising else price > work.best_seen:
        work.best_seen = price
        stop = _behind(floor, work, price)
        order.trail_stop = min(stop, order.trail_stop) if rising else max(stop, order.trail_stop)


def _behind(floor: Floor, work: Work, price: Decimal) -> Decimal:
    """The stop that belongs to the best price so far."""
    order = work.order
    if order.trail_percent is not None:
        gap = price * order.trail_percent / 100
    else:
        gap = order.aux if order.aux is not None else Decimal(0)
    stop = price + gap * order.sign
    step = floor.tick(work.lead, stop)
    rounding = ROUND_CEILING if order.side == "BUY" else ROUND_FLOOR
    return (stop / step).quantize(Decimal(1), rounding=rounding) * step


def pull(work: Work) -> None:
    """The trigger is pulled: a trail with a limit takes it from where the stop is now."""
    order = work.order
    order.triggered = True
    if order.order_type == "TRAIL LIMIT" and order.limit_offset is not None and order.trail_stop is not None:
        order.limit = order.trail_stop + order.limit_offset * order.sign


def watch(floor: Floor, work: Work, quote: Quote) -> None:
    """Look at a new quote for an order that waits for its price."""
    follow(floor, work, quote)
    if is_touched(work, quote):
        pull(work)
        floor.freed.append(work)
