"""Lists that hardly ever change: exchanges, providers, codes, tiers; and the gateway's clock."""

from apps.simgateway.exchange.instant import MILLISECOND, SECOND
from apps.simgateway.gateway.core import Session
from apps.simgateway.gateway.hub import Hub
from apps.simgateway.gateway.prices.entitlement import BBO_EXCHANGE
from apps.simgateway.gateway.wording import invalid
from apps.simgateway.wire.answers import reference as answers
from apps.simgateway.wire.answers import session as clock
from apps.simgateway.wire.requests.reference import (
    ReqFamilyCodes,
    ReqMktDepthExchanges,
    ReqSmartComponents,
    ReqSoftDollarTiers,
)
from apps.simgateway.wire.requests.session import ReqCurrentTime, ReqCurrentTimeInMillis, ReqUserInfo

# bit, exchange, letter: which venues a stock's quote may come from
SMART_VENUES = (
    (0, "AMEX", "A"),
    (1, "BEX", "B"),
    (2, "NYSENAT", "C"),
    (9, "EDGEA", "J"),
    (10, "DRCTEDGE", "K"),
    (12, "CHX", "M"),
    (13, "NYSE", "N"),
    (15, "ARCA", "P"),
    (16, "NASDAQ", "Q"),
    (21, "IEX", "V"),
    (23, "PSX", "X"),
    (24, "BYX", "Y"),
    (25, "BATS", "Z"),
)
# exchange, security type, listing exchange, kind of book, aggregation group
DEPTH_VENUES = (
    ("ARCA", "STK", "", "Deep2", 2147483647),
    ("BATS", "STK", "", "Deep2", 2147483647),
    ("CBOE", "OPT", "", "Deep", 2147483647),
    ("CFE", "FUT", "", "Deep", 2147483647),
    ("CME", "FUT", "", "Deep", 2147483647),
    ("EUREX", "FUT", "", "Deep", 2147483647),
    ("IBIS", "STK", "", "Deep", 2147483647),
    ("IDEALPRO", "CASH", "", "Deep", 4),
    ("LSE", "STK", "", "Deep", 2147483647),
    ("LSEETF", "STK", "", "Deep", 2147483647),
    ("NASDAQ", "STK", "", "Deep2", 2147483647),
    ("NYSE", "STK", "", "Deep", 2147483647),
)


def tell_time(gateway: Hub, session: Session, request: ReqCurrentTime) -> None:
    gateway.send(session, clock.current_time(session.version, seconds=gateway.now // SECOND))


def tell_time_in_millis(gateway: Hub, session: Session, request: ReqCurrentTimeInMillis) -> None:
    message = clock.current_time_in_millis(session.version, milliseconds=gateway.now // MILLISECOND)
    gateway.send(session, message)


def tell_depth_venues(gateway: Hub, session: Session, request: ReqMktDepthExchanges) -> None:
    gateway.send(session, answers.mkt_depth_exchanges(session.version, rows=DEPTH_VENUES))


def tell_smart_venues(gateway: Hub, session: Session, request: ReqSmartComponents) -> None:
    """What the letters in a quote's exchange mean; only for the map a quote has named."""
    if request.bbo_exchange != BBO_EXCHANGE:
        text = invalid(f"Invalid BBO exchange '{request.bbo_exchange}'", "cc")
        gateway.error(session, request.req_id, 321, text)
        return
    gateway.send(session, answers.smart_components(session.version, req_id=request.req_id, rows=SMART_VENUES))


def tell_family_codes(gateway: Hub, session: Session, request: ReqFamilyCodes) -> None:
    rows = [(account, "") for account in gateway.accounts.names]
    gateway.send(session, answers.family_codes(session.version, rows=rows))


def tell_tiers(gateway: Hub, session: Session, request: ReqSoftDollarTiers) -> None:
    gateway.send(session, answers.soft_dollar_tiers(session.version, req_id=request.req_id, rows=[]))


def tell_user(gateway: Hub, session: Session, request: ReqUserInfo) -> None:
    gateway.send(session, clock.user_info(session.version, req_id=request.req_id, white_branding_id=""))


HANDLERS = {
    ReqCurrentTime: tell_time,
    ReqCurrentTimeInMillis: tell_time_in_millis,
    ReqMktDepthExchanges: tell_depth_venues,
    ReqSmartComponents: tell_smart_venues,
    ReqFamilyCodes: tell_family_codes,
    ReqSoftDollarTiers: tell_tiers,
    ReqUserInfo: tell_user,
}
