"""Single ticks as they happen: every trade, every change of the book, every midpoint."""

from dataclasses import dataclass

from apps.simgateway.exchange.instant import SECOND
from apps.simgateway.exchange.quote import Quote
from apps.simgateway.gateway import streams
from apps.simgateway.gateway.core import Session
from apps.simgateway.gateway.hub import Hub
from apps.simgateway.gateway.prices.feeds import Feed, feed_of
from apps.simgateway.gateway.streams import Stream
from apps.simgateway.gateway.wording import invalid
from apps.simgateway.wire.answers import market as answers
from apps.simgateway.wire.requests.market import CancelTickByTickData, ReqTickByTickData

TICKS = "tick by tick"
KINDS = {"Last": 1, "AllLast": 2, "BidAsk": 3, "MidPoint": 4}
TOO_MANY = "Max number of tick-by-tick requests has been reached."
NOT_SUBSCRIBED = "Failed to request tick-by-tick data:No market data permissions for {listing} {sec_type}"


@dataclass(slots=True)
class Watch:
    """What one client follows tick by tick."""

    feed: Feed
    kind: int
    ignore_size: bool
    shown: Quote


def most(gateway: Hub) -> int:
    """One in every hundred market-data lines, but never fewer than three."""
    return max(3, gateway.switches.market_data_lines // 100)


def subscribe(gateway: Hub, session: Session, request: ReqTickByTickData) -> None:
    """The latest tick at once, then each that comes."""
    req_id = request.req_id
    kind = KINDS.get(request.tick_type)
    if kind is None:
        text = invalid(f"Incorrect tick-by-tick tick type '{request.tick_type}'", "cd")
        gateway.error(session, req_id, 321, text)
        return
    feed = feed_of(gateway, session, req_id, request.contract)
    if feed is None:
        return
    instrument = feed.instrument
    if gateway.switches.market_data != "live" or request.contract.sec_type == "BAG":
        text = NOT_SUBSCRIBED.format(listing=instrument.primary_exchange, sec_type=instrument.sec_type)
        gateway.error(session, req_id, 10189, text)
        return
    if len(streams.everywhere(gateway, TICKS)) >= most(gateway):
        gateway.error(session, req_id, 10190, TOO_MANY)
        return
    watch = Watch(feed, kind, request.ignore_size, feed.quote(gateway.now))
    stream = streams.begin(session, TICKS, req_id, watch)
    _say(gateway, stream)
    streams.repeat(gateway, stream, lambda: feed.next_change(gateway.now), lambda: _tick(gateway, stream))


def _tick(gateway: Hub, stream: Stream) -> None:
    watch = stream.about
    before, watch.shown = watch.shown, watch.feed.quote(gateway.now)
    if _new(watch, before, watch.shown):
        _say(gateway, stream)


def _new(watch: Watch, before: Quote, after: Quote) -> bool:
    """Is there a tick of this kind between two quotes?"""
    if watch.kind in (1, 2):
        return after.last is not None and (before.last, before.last_size) != (after.last, after.last_size)
    if watch.kind == 4:
        return after.mid is not None and before.mid != after.mid
    moved = (before.bid, before.ask) != (after.bid, after.ask)
    sized = (before.bid_size, before.ask_size) != (after.bid_size, after.ask_size)
    return after.bid is not None and after.ask is not None and (moved or (sized and not watch.ignore_size))


def _say(gateway: Hub, stream: Stream) -> None:
    watch, version = stream.about, stream.session.version
    quote, at = watch.shown, gateway.now // SECOND
    message: list[str] | None = None
    if watch.kind in (1, 2) and quote.last is not None:
        message = answers.tick_by_tick_last(
            version,
            req_id=stream.number,
            all_trades=watch.kind == 2,
            time=at,
            price=quote.last,
            size=quote.last_size,
            exchange=watch.feed.instrument.primary_exchange,
        )
    elif watch.kind == 3 and quote.bid is not None and quote.ask is not None:
        message = answers.tick_by_tick_bid_ask(
            version,
            req_id=stream.number,
            time=at,
            bid=quote.bid,
            ask=quote.ask,
            bid_size=quote.bid_size,
            ask_size=quote.ask_size,
        )
    elif watch.kind == 4 and quote.mid is not None:
        message = answers.tick_by_tick_midpoint(version, req_id=stream.number, time=at, midpoint=quote.mid)
    if message is not None:
        gateway.send(stream.session, message)


def cancel(gateway: Hub, session: Session, request: CancelTickByTickData) -> None:
    """End it; an unknown number is told."""
    if not streams.end(session, TICKS, request.req_id):
        gateway.error(session, request.req_id, 300, f"Can't find EId with tickerId:{request.req_id}")


HANDLERS = {ReqTickByTickData: subscribe, CancelTickByTickData: cancel}
