"""Which kind of market data a client gets, and what it is told when it is not the one it asked for."""

from apps.simgateway.exchange.instant import MINUTE, Instant
from apps.simgateway.exchange.instrument import Instrument
from apps.simgateway.gateway.core import Session
from apps.simgateway.gateway.hub import Hub
from apps.simgateway.gateway.prices.feeds import Feed, frozen_at
from apps.simgateway.gateway.prices.ticks import DELAYED, DELAYED_FROZEN, FROZEN, LIVE
from apps.simgateway.gateway.wording import invalid
from apps.simgateway.wire.answers import market as answers
from apps.simgateway.wire.requests.market import ReqMarketDataType

ASKED_TYPE = ("market data type", 0)
DELAY = 15 * MINUTE
BBO_EXCHANGE = "9c0001"
SMART_SNAPSHOTS = 3

_REFUSALS = {
    "off": (10168, "Requested market data is not subscribed. Delayed market data is not enabled."),
    "disabled": (10186, "Requested market data is not subscribed. Delayed market data is not enabled."),
    "unsubscribed": (354, "Requested market data is not subscribed."),
    "competing": (10197, "No market data during competing live session"),
}
_NOT_ENTITLED = frozenset({"refused", "off", "disabled", "unsubscribed"})
_PARTLY = "Part of requested market data is not subscribed. Subscription-independent ticks are still active."
_DELAYED_INSTEAD = "Requested market data is not subscribed. Displaying delayed market data."
_MORE_NEEDED = (
    "Requested market data requires additional subscription for API. See link in 'Market Data Connections' "
    "dialog for more details.Delayed market data is available.{symbol} {listing}/TOP/ALL"
)


def set_type(gateway: Hub, session: Session, request: ReqMarketDataType) -> None:
    """Which kind of data later subscriptions get. There is no answer."""
    kind = request.data_type
    if LIVE <= kind <= DELAYED_FROZEN:
        session.streams[ASKED_TYPE] = kind
    else:
        gateway.error(session, -1, 321, invalid(f"Invalid market data type {kind}", "bS"))


def granted(gateway: Hub, session: Session, req_id: int, feed: Feed) -> int | None:
    """The kind of data the client gets; None when it gets none, and knows why."""
    asked, mode = int(session.streams.get(ASKED_TYPE, LIVE)), gateway.switches.market_data
    if mode in _REFUSALS:
        gateway.error(session, req_id, *_REFUSALS[mode])
        return None
    if mode == "partly":
        gateway.error(session, req_id, 10090, _PARTLY)
    if mode in ("live", "partly"):
        closed = gateway.calendar.state(feed.instrument.hours, gateway.now) == "closed"
        return FROZEN if closed and asked in (FROZEN, DELAYED_FROZEN) else LIVE
    if mode == "refused" and asked in (LIVE, FROZEN):
        text = _MORE_NEEDED.format(symbol=feed.instrument.symbol, listing=_listing(feed))
        gateway.send(session, parameters(session, req_id, feed))
        gateway.error(session, req_id, 10089, text)
        return None
    gateway.error(session, req_id, 10167, _DELAYED_INSTEAD)
    return DELAYED_FROZEN if asked == DELAYED_FROZEN else DELAYED


def missing_history(gateway: Hub, instrument: Instrument) -> str:
    """Why there is no past of an instrument for this account; nothing when there is."""
    mode = gateway.switches.market_data
    if mode == "competing":
        return "Trading TWS session is connected from a different IP address"
    if mode not in _NOT_ENTITLED:
        return ""
    return f"No market data permissions for {instrument.primary_exchange} {instrument.sec_type}"


def _listing(feed: Feed) -> str:
    primary = feed.instrument.primary_exchange
    return "NASDAQ.NMS" if primary == "NASDAQ" else primary


def parameters(session: Session, req_id: int, feed: Feed) -> list[str]:
    """The message that comes before the first tick."""
    smart = feed.instrument.sec_type in ("STK", "OPT")
    return answers.tick_req_params(
        session.version,
        req_id=req_id,
        min_tick=feed.instrument.min_tick,
        bbo_exchange=BBO_EXCHANGE if smart else "",
        snapshot_permissions=SMART_SNAPSHOTS if smart else 0,
    )


def shown_instant(gateway: Hub, feed: Feed, kind: int) -> Instant:
    """The instant whose quote that kind of data shows."""
    if kind == LIVE:
        return gateway.now
    if kind == DELAYED:
        return gateway.now - DELAY
    return frozen_at(gateway, feed.instrument) - (DELAY if kind == DELAYED_FROZEN else 0)


HANDLERS = {ReqMarketDataType: set_type}
