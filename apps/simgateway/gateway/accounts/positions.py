"""Positions: all of them once, and then each that changes."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

from apps.simgateway.exchange.events import PositionChanged
from apps.simgateway.exchange.instrument import Instrument
from apps.simgateway.gateway import streams
from apps.simgateway.gateway.core import Session
from apps.simgateway.gateway.hub import Hub
from apps.simgateway.gateway.reference.lookup import described
from apps.simgateway.gateway.wording import invalid
from apps.simgateway.wire.answers import account as answers
from apps.simgateway.wire.contract import WireContract
from apps.simgateway.wire.requests.account import (
    CancelPositions,
    CancelPositionsMulti,
    ReqPositions,
    ReqPositionsMulti,
)

_held: dict[int, tuple[Instrument, WireContract]] = {}
ALL = "positions"
OF_ONE = "positions multi"


def held(instrument: Instrument) -> WireContract:
    """The contract as position messages spell it: only stocks and currencies name their exchange."""
    known = _held.get(instrument.con_id)
    if known is None or known[0] is not instrument:
        exchange = {"STK": instrument.primary_exchange, "CASH": instrument.exchange}
        spelled = replace(described(instrument), exchange=exchange.get(instrument.sec_type, ""))
        known = _held[instrument.con_id] = (instrument, spelled)
    return known[1]


def _rows(gateway: Hub, account: str) -> list[tuple[str, Instrument, Decimal, Decimal]]:
    rows = []
    for name, position in gateway.accounts.positions(account):
        instrument = gateway.catalogue.by_con_id(position.con_id)
        if instrument is not None:
            rows.append((name, instrument, position.quantity, position.average_cost))
    return rows


def tell_all(gateway: Hub, session: Session, request: ReqPositions) -> None:
    """Every account's holdings, then the end, then changes until cancelled."""
    streams.begin(session, ALL, 0)
    for row in _rows(gateway, ""):
        gateway.send(session, _position(session, row))
    gateway.send(session, answers.position_end(session.version))


def _position(session: Session, row: tuple[str, Instrument, Decimal, Decimal]) -> list[str]:
    account, instrument, quantity, cost = row
    return answers.position(
        session.version, account=account, contract=held(instrument), position=quantity, average_cost=cost
    )


def tell_some(gateway: Hub, session: Session, request: ReqPositionsMulti) -> None:
    """One account's holdings under a request number."""
    req_id, account = request.req_id, request.account
    if not known_account(gateway, account):
        refuse_account(gateway, session, req_id, account)
        return
    about = (account, request.model_code)
    streams.begin(session, OF_ONE, req_id, about)
    for row in [] if request.model_code else _rows(gateway, account):
        gateway.send(session, _position_multi(session, req_id, about, row))
    gateway.send(session, answers.position_multi_end(session.version, req_id=req_id))


def _position_multi(
    session: Session, req_id: int, about: tuple[str, str], row: tuple[str, Instrument, Decimal, Decimal]
) -> list[str]:
    account, instrument, quantity, cost = row
    return answers.position_multi(
        session.version,
        req_id=req_id,
        account=account,
        contract=held(instrument),
        position=quantity,
        average_cost=cost,
        model_code=about[1],
    )


def known_account(gateway: Hub, account: str) -> bool:
    return account in ("", "All") or account in gateway.accounts.names


def refuse_account(gateway: Hub, session: Session, req_id: int, account: str) -> None:
    text = invalid(f"Invalid account code '{account}'.", "bN")
    gateway.error(session, req_id, 321, text)


def tell_change(gateway: Hub, event: PositionChanged) -> None:
    """Everybody who watches hears of a position that is another now; while the line is down, later."""
    if not gateway.link_up:
        gateway.deferred.append(lambda: tell_change(gateway, event))
        return
    account = gateway.accounts.account(event.account)
    instrument = gateway.catalogue.by_con_id(event.con_id)
    position = account.positions.get(event.con_id) if account is not None else None
    if position is None or instrument is None:
        return
    row = (event.account, instrument, position.quantity, position.average_cost)
    for session in gateway.sessions_ready():
        if (ALL, 0) in session.streams:
            gateway.send(session, _position(session, row))
        for stream in streams.of_kind(session, OF_ONE):
            if stream.about[0] in ("", "All", event.account) and not stream.about[1]:
                gateway.send(session, _position_multi(session, stream.number, stream.about, row))


def ending(kind: str, number_of: Callable[[object], int]) -> Callable[[Hub, Session, object], None]:
    """A handler that ends a subscription without a word."""

    def end(gateway: Hub, session: Session, request: object) -> None:
        streams.end(session, kind, number_of(request))

    return end


def by_req_id(request: object) -> int:
    number: int = request.req_id  # type: ignore[attr-defined]
    return number


HANDLERS = {
    ReqPositions: tell_all,
    CancelPositions: ending(ALL, lambda request: 0),
    ReqPositionsMulti: tell_some,
    CancelPositionsMulti: ending(OF_ONE, by_req_id),
}
WATCHERS = (tell_change,)
