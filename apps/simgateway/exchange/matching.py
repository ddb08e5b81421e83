"""Who trades with whom: the displayed market and the clients' own resting orders, by price and then time."""

from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from apps.simgateway.exchange.book import Book, limit_of
from apps.simgateway.exchange.closing import allowed
from apps.simgateway.exchange.floor import Floor
from apps.simgateway.exchange.order import ZERO, Order
from apps.simgateway.exchange.prints import OPPOSITE, print_fill
from apps.simgateway.exchange.work import Work


@dataclass(frozen=True, slots=True)
class Offer:
    """The best that an incoming order can have now; `maker` is None for the market itself."""

    price: Decimal
    size: Decimal
    maker: Work | None = None


def arrive(floor: Floor, work: Work) -> None:
    """Let an incoming order take whatever it can at this instant."""
    order = work.order
    book = floor.book(work.lead.con_id)
    if book.quote is None or book.quote.halted:
        return
    limit = limit_of(order)
    if _needs_all(order) and _available(floor, book, order) < order.remaining:
        return
    while not order.is_done and (wanted := allowed(floor, order)) > 0:
        offer = _best_offer(floor, book, order)
        if offer is None or not _within(order.side, offer.price, limit):
            return
        shares = min(wanted, offer.size)
        if offer.maker is None:
            _consume(book, order.side, shares)
            print_fill(floor, work, shares, price=offer.price)
        else:
            print_fill(floor, work, shares, price=offer.price)
            print_fill(floor, offer.maker, shares, price=offer.price, liquidity=1)


def sweep(floor: Floor, book: Book) -> None:
    """Let the market's new quote meet the resting orders."""
    if book.quote is None or book.quote.halted:
        return
    _sweep_side(floor, book, "BUY")
    _sweep_side(floor, book, "SELL")


def _sweep_side(floor: Floor, book: Book, side: str) -> None:
    queue, place = book.side(side), 0
    while place < len(queue):
        price, left = _market(book, side)
        work: Work = queue[place][2]
        order = work.order
        limit = limit_of(order)
        if price is None or left <= 0 or not _within(side, price, limit):
            return
        shares = min(allowed(floor, order), left)
        if shares > 0 and (not _needs_all(order) or shares >= order.remaining):
            _consume(book, side, shares)
            if limit is None:
                print_fill(floor, work, shares, price=price)
            else:
                print_fill(floor, work, shares, price=limit, liquidity=1)
        if place < len(queue) and queue[place][2] is work:
            place += 1


def _market(book: Book, side: str) -> tuple[Decimal | None, Decimal]:
    """The displayed price and size that an order of this side can take."""
    quote = book.quote
    if quote is None:
        return None, ZERO
    return (quote.ask, book.ask_left) if side == "BUY" else (quote.bid, book.bid_left)


def _consume(book: Book, side: str, shares: Decimal) -> None:
    if side == "BUY":
        book.ask_left -= shares
    else:
        book.bid_left -= shares


def _within(side: str, price: Decimal, limit: Decimal | None) -> bool:
    if limit is None:
        return True
    return price <= limit if side == "BUY" else price >= limit


def _needs_all(order: Order) -> bool:
    return order.all_or_none or order.tif == "FOK"


def _best_offer(floor: Floor, book: Book, order: Order) -> Offer | None:
    price, left = _market(book, order.side)
    if book.side(OPPOSITE[order.side]):
        maker = _best_maker(floor, book, order)
        if maker is not None and (price is None or left <= 0 or _within(order.side, maker.price, price)):
            return maker
    return Offer(price, left) if price is not None and left > 0 else None


def _best_maker(floor: Floor, book: Book, order: Order) -> Offer | None:
    for entry in book.side(OPPOSITE[order.side]):
        maker: Work = entry[2]
        size = allowed(floor, maker.order)
        if size <= 0 or _needs_all(maker.order) or _same_group(order, maker.order):
            continue
        price = limit_of(maker.order)
        if price is None:
            price = book.quote.reference if book.quote is not None else None
        if price is not None:
            return Offer(price, size, maker)
    return None


def _same_group(one: Order, other: Order) -> bool:
    return bool(one.oca_group) and one.oca_group == other.oca_group


def _available(floor: Floor, book: Book, order: Order) -> Decimal:
    """All that an all-or-nothing order could have at its limit."""
    limit = limit_of(order)
    price, left = _market(book, order.side)
    total = left if price is not None and _within(order.side, price, limit) else ZERO
    for entry in book.side(OPPOSITE[order.side]):
        maker: Order = entry[2].order
        asked = limit_of(maker)
        if not _within(order.side, asked if asked is not None else order.last_fill_price, limit):
            break
        if not (_needs_all(maker) or _same_group(order, maker)):
            total += allowed(floor, maker)
    return total


def peg(floor: Floor, work: Work, book: Book) -> None:
    """Fill an order that trades at the middle, as far as the displayed size goes."""
    order, mid = work.order, book.quote.mid if book.quote is not None else None
    if mid is None or book.quote is None or book.quote.halted:
        return
    step = floor.tick(work.lead, mid)
    rounding = ROUND_FLOOR if order.side == "BUY" else ROUND_CEILING
    price = (mid / step).quantize(Decimal(1), rounding=rounding) * step
    left = book.ask_left if order.side == "BUY" else book.bid_left
    shares = min(allowed(floor, order), left)
    if shares > 0 and _within(order.side, price, order.limit):
        _consume(book, order.side, shares)
        print_fill(floor, work, shares, price=price, liquidity=1)
