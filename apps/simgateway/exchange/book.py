"""The clients' resting orders of one instrument, and what the market still shows beside them."""

from bisect import bisect_left, insort
from decimal import Decimal
from typing import Any

from apps.simgateway.exchange.order import ZERO, Order
from apps.simgateway.exchange.quote import Quote
from apps.simgateway.exchange.work import AT_MARKET, Work

_FIRST = Decimal("-Infinity")


class Book:
    """Two queues by price and time, and the displayed size that is left at this quote."""

    __slots__ = ("ask_left", "bid_left", "buys", "quote", "sells", "watching")

    def __init__(self) -> None:
        self.buys: list[tuple[Any, ...]] = []
        self.sells: list[tuple[Any, ...]] = []
        self.watching: dict[int, Work] = {}  # orders that wait for a price
        self.quote: Quote | None = None
        self.bid_left = ZERO
        self.ask_left = ZERO

    def show(self, quote: Quote) -> bool:
        """Take a new quote; True when it differs from the one before."""
        seen = self.quote
        if quote is seen or quote == seen:
            return False
        self.quote = quote
        self.bid_left = quote.bid_size if quote.bid is not None else ZERO
        self.ask_left = quote.ask_size if quote.ask is not None else ZERO
        return True

    def side(self, side: str) -> list[tuple[Any, ...]]:
        return self.buys if side == "BUY" else self.sells

    def add(self, work: Work) -> None:
        order = work.order
        work.rank = (_key(order), order.priority, work)
        insort(self.side(order.side), work.rank)

    def remove(self, work: Work) -> None:
        self.watching.pop(work.order.perm_id, None)
        if work.rank is None:
            return
        queue = self.side(work.order.side)
        place = bisect_left(queue, work.rank[:2])
        if place < len(queue) and queue[place][2] is work:
            del queue[place]
        work.rank = None

    @property
    def is_empty(self) -> bool:
        return not (self.buys or self.sells or self.watching)


def _key(order: Order) -> Decimal:
    limit = limit_of(order)
    if limit is None:
        return _FIRST
    return -limit if order.side == "BUY" else limit


def limit_of(order: Order) -> Decimal | None:
    """The worst price the order takes; None when it takes any."""
    return None if order.order_type in AT_MARKET else order.limit
