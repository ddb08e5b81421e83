"""The book of an instrument, level by level around its quote."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from hashlib import blake2b

from apps.simgateway.gateway import streams
from apps.simgateway.gateway.core import Session
from apps.simgateway.gateway.hub import Hub
from apps.simgateway.gateway.prices.feeds import Feed, feed_of
from apps.simgateway.gateway.streams import Stream
from apps.simgateway.wire.answers import market as answers
from apps.simgateway.wire.requests.market import CancelMktDepth, ReqMktDepth

BOOK = "market depth"
MOST = 3
INSERT, UPDATE, DELETE = 0, 1, 2
ASK, BID = 0, 1
TOO_MANY = "Max number (3) of market depth requests has been reached"
UNSUPPORTED = "Deep market data is not supported for this combination of security type/exchange"

# the venues whose whole book a share has, and those that show their best prices only
DEEP = ("IEX", "ARCA", "BATS", "BEX", "NASDAQ", "NYSE")
SHALLOW = ("BYX", "AMEX", "PEARL", "MEMX", "EDGEA", "OVERNIGHT", "CHX", "NYSENAT", "IBEOS", "PSX", "LTSE")
FREE = 1  # how many of them come without a subscription

Level = tuple[Decimal, Decimal]


@dataclass(slots=True)
class Watch:
    """What one client knows of a book."""

    feed: Feed
    rows: int
    smart: bool
    bids: list[Level]
    asks: list[Level]


def subscribe(gateway: Hub, session: Session, request: ReqMktDepth) -> None:
    """Every level once, then what changes."""
    req_id = request.req_id
    if request.contract.sec_type in ("BAG", "IND"):
        gateway.error(session, req_id, 10092, UNSUPPORTED)
        return
    feed = feed_of(gateway, session, req_id, request.contract)
    if feed is None:
        return
    if not feed.quoted:
        gateway.error(session, req_id, 10092, UNSUPPORTED)
        return
    if len(streams.everywhere(gateway, BOOK)) >= MOST:
        gateway.error(session, req_id, 309, TOO_MANY)
        return
    rows = min(max(request.rows, 1), 10)
    if request.is_smart_depth and feed.instrument.sec_type == "STK":
        gateway.error(session, req_id, 2152, _venues(gateway))
    stream = streams.begin(session, BOOK, req_id, Watch(feed, rows, request.is_smart_depth, [], []))
    _look(gateway, stream)
    streams.repeat(gateway, stream, lambda: feed.next_change(gateway.now), lambda: _look(gateway, stream))


def _venues(gateway: Hub) -> str:
    """The note that comes with every smart book: whose depth is in it, and whose is missing."""
    partly = gateway.switches.market_data != "live"
    deep, missing = (DEEP[:FREE], DEEP[FREE:]) if partly else (DEEP, ())
    text = f"Exchanges - Depth: {_listed(deep)}Top: {_listed(SHALLOW)}"
    return f"{text}Need additional market data permissions - Depth: {_listed(missing)}" if missing else text


def _listed(venues: tuple[str, ...]) -> str:
    return "".join(f"{venue}; " for venue in venues)


def _look(gateway: Hub, stream: Stream) -> None:
    watch = stream.about
    quote = watch.feed.quote(gateway.now)
    step = watch.feed.instrument.min_tick
    bids = _levels(watch, quote.bid, quote.bid_size, step=-step)
    asks = _levels(watch, quote.ask, quote.ask_size, step=step)
    for side, before, after in ((ASK, watch.asks, asks), (BID, watch.bids, bids)):
        for place, operation, level in _differences(before, after):
            gateway.send(stream.session, _message(stream, place, operation, side=side, level=level))
    watch.bids, watch.asks = bids, asks


def _levels(watch: Watch, best: Decimal | None, size: Decimal, *, step: Decimal) -> list[Level]:
    """Sizes behind the best level are drawn from the price, so that a level keeps its size while it lasts."""
    if best is None:
        return []
    levels = [(best, size)]
    for n in range(1, watch.rows):
        price = best + n * step
        if price > 0:
            levels.append((price, _resting(watch.feed.instrument.con_id, price, size)))
    return levels


def _resting(con_id: int, price: Decimal, unit: Decimal) -> Decimal:
    digest = blake2b(f"{con_id}@{price}".encode(), digest_size=2).digest()
    lot = Decimal(100) if unit >= 100 else Decimal(1)
    return lot * (2 + digest[0] % 30)


def _differences(before: list[Level], after: list[Level]) -> Iterator[tuple[int, int, Level]]:
    for place, level in enumerate(after):
        if place >= len(before):
            yield place, INSERT, level
        elif before[place] != level:
            yield place, UPDATE, level
    for place in range(len(before) - 1, len(after) - 1, -1):
        yield place, DELETE, before[place]


def _message(stream: Stream, place: int, operation: int, *, side: int, level: Level) -> list[str]:
    watch, version = stream.about, stream.session.version
    price, size = level if operation != DELETE else (level[0], Decimal(0))
    parts = {"req_id": stream.number, "position": place, "operation": operation, "side": side}
    if not watch.smart:
        return answers.market_depth(version, **parts, price=price, size=size)
    maker = watch.feed.instrument.primary_exchange
    return answers.market_depth_l2(
        version, **parts, price=price, size=size, market_maker=maker, is_smart_depth=True
    )


def cancel(gateway: Hub, session: Session, request: CancelMktDepth) -> None:
    """End it; an unknown number is told."""
    if not streams.end(session, BOOK, request.req_id):
        text = f"Can't find the subscribed market depth with tickerId:{request.req_id}"
        gateway.error(session, request.req_id, 310, text)


HANDLERS = {ReqMktDepth: subscribe, CancelMktDepth: cancel}
