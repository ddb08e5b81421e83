"""Profit and loss as it moves: of accounts and of single positions, once a second."""

from decimal import Decimal

from apps.simgateway.exchange.instant import SECOND
from apps.simgateway.gateway import streams
from apps.simgateway.gateway.accounts.positions import by_req_id, ending, refuse_account
from apps.simgateway.gateway.core import Session
from apps.simgateway.gateway.hub import Hub
from apps.simgateway.gateway.streams import Stream
from apps.simgateway.wire.answers import pnl as answers
from apps.simgateway.wire.requests.pnl import CancelPnL, CancelPnLSingle, ReqPnL, ReqPnLSingle

OF_ACCOUNT = "pnl"
OF_POSITION = "pnl single"
INTERVAL = SECOND


def follow_account(gateway: Hub, session: Session, request: ReqPnL) -> None:
    """At once, and then every second."""
    if request.account not in gateway.accounts.names:
        refuse_account(gateway, session, request.req_id, request.account)
        return
    stream = streams.begin(session, OF_ACCOUNT, request.req_id, request)
    _tell_account(gateway, stream)
    streams.every(gateway, stream, INTERVAL, lambda: _tell_account(gateway, stream))


def _tell_account(gateway: Hub, stream: Stream) -> None:
    account = stream.about.account
    figures = gateway.accounts.pnl(account, gateway.now)
    known = all(
        _is_marked(gateway, position.con_id)
        for _, position in gateway.accounts.positions(account)
        if position.quantity
    )
    message = answers.pnl(
        stream.session.version,
        req_id=stream.number,
        daily=figures.daily if known else None,
        unrealized=figures.unrealized if known else None,
        realized=figures.realized,
    )
    gateway.send(stream.session, message)


def follow_position(gateway: Hub, session: Session, request: ReqPnLSingle) -> None:
    """At once, and then every second; about a contract that nobody knows nothing is ever said."""
    if request.account not in gateway.accounts.names:
        refuse_account(gateway, session, request.req_id, request.account)
        return
    stream = streams.begin(session, OF_POSITION, request.req_id, request)
    if gateway.catalogue.by_con_id(request.con_id) is None:
        return
    _tell_position(gateway, stream)
    streams.every(gateway, stream, INTERVAL, lambda: _tell_position(gateway, stream))


def _tell_position(gateway: Hub, stream: Stream) -> None:
    asked: ReqPnLSingle = stream.about
    figures = gateway.accounts.pnl_single(asked.account, asked.con_id, gateway.now)
    known = figures is not None and _is_marked(gateway, asked.con_id)
    message = answers.pnl_single(
        stream.session.version,
        req_id=stream.number,
        position=figures.position if figures is not None else Decimal(0),
        daily=figures.daily if known else None,
        unrealized=figures.unrealized if known else None,
        realized=figures.realized if figures is not None else None,
        value=figures.value if known else None,
    )
    gateway.send(stream.session, message)


def _is_marked(gateway: Hub, con_id: int) -> bool:
    """Without any price of a contract its worth is unknown."""
    return gateway.market.quote(con_id, gateway.now).reference is not None


HANDLERS = {
    ReqPnL: follow_account,
    CancelPnL: ending(OF_ACCOUNT, by_req_id),
    ReqPnLSingle: follow_position,
    CancelPnLSingle: ending(OF_POSITION, by_req_id),
}
