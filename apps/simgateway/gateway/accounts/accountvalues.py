"""Account values: one account in full, and its changes until it is cancelled."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from apps.simgateway.exchange.events import PositionChanged
from apps.simgateway.exchange.instant import SECOND, to_datetime
from apps.simgateway.exchange.results import Holding
from apps.simgateway.gateway import streams
from apps.simgateway.gateway.accounts.accounttags import LEDGER_TAGS
from apps.simgateway.gateway.accounts.positions import by_req_id, ending, known_account, refuse_account
from apps.simgateway.gateway.core import Session
from apps.simgateway.gateway.hub import Hub
from apps.simgateway.gateway.reference.lookup import HOME, described
from apps.simgateway.gateway.streams import Stream
from apps.simgateway.wire.answers import account as answers
from apps.simgateway.wire.requests.account import (
    CancelAccountUpdatesMulti,
    ReqAccountUpdates,
    ReqAccountUpdatesMulti,
)

UPDATES = "account updates"
MULTI = "account updates multi"
SOON = SECOND // 2  # how long after a fill the account's values are told
UNSUBSCRIBED = "API client has been unsubscribed from account data."
CLASH = "Unable subscribe to account as the following clients are subscribed to a different account.{{{}}}"

Row = tuple[str, str, str]  # tag, value, currency


@dataclass(slots=True)
class Told:
    """What one subscriber knows already."""

    account: str
    model_code: str = ""
    ledger_only: bool = False
    values: dict[tuple[str, str, str], str] = field(default_factory=dict)  # (account, tag, currency) → value
    portfolio: dict[int, Holding] = field(default_factory=dict)
    due: bool = False  # changes are about to be told


def rows_of(gateway: Hub, account: str) -> list[Row]:
    """Every value of an account: tag, text, currency."""
    ready = "true" if gateway.switches.account_ready else "false"
    return [
        (row.tag, ready if row.tag.lower() == "accountready" else row.value, row.currency)
        for row in gateway.accounts.values(account, gateway.now)
    ]


def _accounts(gateway: Hub, named: str) -> list[str]:
    return gateway.accounts.names if named in ("", "All") else [named]


def subscribe(gateway: Hub, session: Session, request: ReqAccountUpdates) -> None:
    """One account at a time: a second request takes the place of the first, another client's is refused."""
    known = streams.of_kind(session, UPDATES)
    if not request.subscribe:
        if known and request.account in ("", known[0].about.account):
            streams.end(session, UPDATES, 0)
        return
    account = request.account or gateway.accounts.names[0]
    if account not in gateway.accounts.names:
        refuse_account(gateway, session, -1, account)
        return
    if clients := _elsewhere(gateway, session, account):
        gateway.error(session, -1, 2101, CLASH.format(", ".join(clients)))
        return
    if known and known[0].about.account != account:
        gateway.error(session, -1, 2100, UNSUBSCRIBED)
    stream = streams.begin(session, UPDATES, 0, Told(account))
    _tell(gateway, stream)
    gateway.send(session, answers.acct_download_end(session.version, account=account))
    streams.every(gateway, stream, _interval(gateway), lambda: _tell(gateway, stream))


def _elsewhere(gateway: Hub, session: Session, account: str) -> list[str]:
    """The other clients that hear of another account; a gateway tells of one account at a time."""
    return [
        str(stream.session.client_id)
        for stream in streams.everywhere(gateway, UPDATES)
        if stream.session is not session and stream.about.account != account
    ]


def _interval(gateway: Hub) -> int:
    return gateway.switches.account_push_seconds * SECOND


def _tell(gateway: Hub, stream: Stream) -> None:
    """Values and holdings that the subscriber does not know yet, then the time."""
    session, told = stream.session, stream.about
    for tag, value, currency in _news(told, told.account, rows_of(gateway, told.account)):
        message = answers.acct_value(
            session.version, key=tag, value=value, currency=currency, account=told.account
        )
        gateway.send(session, message)
    for row in gateway.accounts.portfolio(told.account, gateway.now):
        if told.portfolio.get(row.con_id) != row:
            told.portfolio[row.con_id] = row
            _tell_holding(gateway, session, told.account, row)
    clock = to_datetime(gateway.now).astimezone(HOME)
    gateway.send(session, answers.acct_update_time(session.version, time_text=f"{clock:%H:%M}"))


def _news(told: Told, account: str, rows: list[Row]) -> Iterator[Row]:
    for tag, value, currency in rows:
        if told.values.get((account, tag, currency)) != value:
            told.values[account, tag, currency] = value
            yield tag, value, currency


def _tell_holding(gateway: Hub, session: Session, account: str, row: Holding) -> None:
    instrument = gateway.catalogue.by_con_id(row.con_id)
    if instrument is None:
        return
    message = answers.portfolio_value(
        session.version,
        contract=described(instrument),
        position=row.position,
        market_price=row.market_price,
        market_value=row.market_value,
        average_cost=row.average_cost,
        unrealized_pnl=row.unrealized,
        realized_pnl=row.realized,
        account=account,
    )
    gateway.send(session, message)


def subscribe_multi(gateway: Hub, session: Session, request: ReqAccountUpdatesMulti) -> None:
    """Values by account and model, under a request number."""
    req_id, account = request.req_id, request.account
    if not known_account(gateway, account):
        refuse_account(gateway, session, req_id, account)
        return
    told = Told(account, request.model_code, ledger_only=request.ledger_and_nlv)
    stream = streams.begin(session, MULTI, req_id, told)
    _tell_multi(gateway, stream)
    gateway.send(session, answers.account_update_multi_end(session.version, req_id=req_id))
    streams.every(gateway, stream, _interval(gateway), lambda: _tell_multi(gateway, stream))


def _tell_multi(gateway: Hub, stream: Stream) -> None:
    told = stream.about
    for account in _accounts(gateway, told.account):
        rows = rows_of(gateway, account)
        if told.ledger_only:
            rows = [row for row in rows if row[0] in LEDGER_TAGS or row[0] == "NetLiquidation"]
        for tag, value, currency in _news(told, account, rows):
            message = answers.account_update_multi(
                stream.session.version,
                req_id=stream.number,
                account=account,
                model_code=told.model_code,
                key=tag,
                value=value,
                currency=currency,
            )
            gateway.send(stream.session, message)


def tell_change(gateway: Hub, event: PositionChanged) -> None:
    """A position has changed: the account's subscribers hear soon what that did, once for a burst."""
    for stream in streams.everywhere(gateway, UPDATES):
        if stream.about.account == event.account:
            _tell_soon(gateway, stream, _tell)
    for stream in streams.everywhere(gateway, MULTI):
        if stream.about.account in ("", "All", event.account):
            _tell_soon(gateway, stream, _tell_multi)


def _tell_soon(gateway: Hub, stream: Stream, tell: Callable[[Hub, Stream], None]) -> None:
    told = stream.about
    if told.due:
        return
    told.due = True

    def turn() -> None:
        told.due = False
        if stream.alive and gateway.link_up:
            tell(gateway, stream)

    gateway.timers.at(gateway.now + SOON, turn)


HANDLERS = {
    ReqAccountUpdates: subscribe,
    ReqAccountUpdatesMulti: subscribe_multi,
    CancelAccountUpdatesMulti: ending(MULTI, by_req_id),
}
WATCHERS = (tell_change,)
