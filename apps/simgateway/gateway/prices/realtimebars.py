"""Five-second bars as they close."""

from dataclasses import dataclass
from decimal import Decimal

from apps.simgateway.exchange.instant import SECOND
from apps.simgateway.exchange.instrument import Instrument
from apps.simgateway.exchange.quote import Quote
from apps.simgateway.gateway import streams
from apps.simgateway.gateway.core import Session
from apps.simgateway.gateway.hub import Hub
from apps.simgateway.gateway.reference.lookup import one
from apps.simgateway.gateway.streams import Stream
from apps.simgateway.wire.answers import market as answers
from apps.simgateway.wire.requests.market import CancelRealTimeBars, ReqRealTimeBars

BARS = "real time bars"
LENGTH = 5 * SECOND
KINDS = ("TRADES", "MIDPOINT", "BID", "ASK")
NO_PERMISSION = "Invalid Real-time Query:No market data permissions for {listing} {sec_type}"


@dataclass(slots=True)
class Watch:
    """What one client gets bars of."""

    instrument: Instrument
    what: str
    regular_hours: bool


def subscribe(gateway: Hub, session: Session, request: ReqRealTimeBars) -> None:
    """A bar at every fifth second while the market is open. Any other bar size is taken as five seconds."""
    req_id, what = request.req_id, request.what_to_show.upper()
    instrument = one(gateway, session, req_id, request.contract)
    if instrument is None:
        return
    wrong_kind = what not in KINDS or (instrument.sec_type == "CASH" and what == "TRADES")
    if wrong_kind or gateway.switches.market_data != "live":
        text = NO_PERMISSION.format(listing=instrument.primary_exchange, sec_type=instrument.sec_type)
        gateway.error(session, req_id, 420, text)
        return
    stream = streams.begin(session, BARS, req_id, Watch(instrument, what, request.use_rth))
    streams.repeat(
        gateway,
        stream,
        lambda: gateway.now - gateway.now % LENGTH + LENGTH,
        lambda: _tell(gateway, stream),
    )


def _tell(gateway: Hub, stream: Stream) -> None:
    watch = stream.about
    state = gateway.calendar.state(watch.instrument.hours, gateway.now - LENGTH)
    if state == "closed" or (watch.regular_hours and state != "open"):
        return
    step = gateway.switches.step_ms * 1000
    count = max(LENGTH // step, 1)
    quotes = [
        gateway.market.quote(watch.instrument.con_id, gateway.now - LENGTH + n * step) for n in range(count)
    ]
    prices = [price for quote in quotes if (price := _price(quote, watch.what)) is not None]
    if not prices:
        return
    volume = quotes[-1].volume - quotes[0].volume if watch.what == "TRADES" else Decimal(-1)
    message = answers.realtime_bar(
        stream.session.version,
        req_id=stream.number,
        time=(gateway.now - LENGTH) // SECOND,
        open=prices[0],
        high=max(prices),
        low=min(prices),
        close=prices[-1],
        volume=volume,
        wap=sum(prices, Decimal(0)) / len(prices) if watch.what == "TRADES" else Decimal(-1),
        count=len(prices) if watch.what == "TRADES" else -1,
    )
    gateway.send(stream.session, message)


def _price(quote: Quote, what: str) -> Decimal | None:
    if what == "TRADES":
        return quote.last
    return quote.mid if what == "MIDPOINT" else quote.bid if what == "BID" else quote.ask


def cancel(gateway: Hub, session: Session, request: CancelRealTimeBars) -> None:
    """End it; an unknown number is told."""
    if not streams.end(session, BARS, request.req_id):
        gateway.error(session, request.req_id, 300, f"Can't find EId with tickerId:{request.req_id}")


HANDLERS = {ReqRealTimeBars: subscribe, CancelRealTimeBars: cancel}
