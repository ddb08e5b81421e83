"""From the first bytes of a client to the moment it may ask for things."""

from zoneinfo import ZoneInfo

from apps.simgateway.exchange.instant import to_datetime
from apps.simgateway.gateway.core import Session
from apps.simgateway.gateway.hub import Hub
from apps.simgateway.gateway.orders import orderqueries
from apps.simgateway.wire.answers import session as answers
from apps.simgateway.wire.framing import Hello, negotiate
from apps.simgateway.wire.requests.session import ReqIds, ReqManagedAccts, SetServerLogLevel, StartApi

ID_IN_USE = "Unable to connect as the client id is already in use. Retry with a unique client id."
FARMS = (
    (2104, "Market data farm connection is OK:usfarm.nj"),
    (2104, "Market data farm connection is OK:eufarm"),
    (2104, "Market data farm connection is OK:usfarm"),
    (2106, "HMDS data farm connection is OK:ushmds"),
    (2158, "Sec-def data farm connection is OK:secdefil"),
)


def greet(gateway: Hub, session: Session, hello: Hello) -> None:
    """Agree on a version; with a client that is too new or too old nothing can be agreed."""
    version = negotiate(hello, gateway.switches.server_version)
    if version is None or session.version:
        gateway.hang_up(session)
        return
    session.version = version
    local = to_datetime(gateway.now).astimezone(ZoneInfo(gateway.switches.midnight_zone))
    time_text = f"{local:%Y%m%d %H:%M:%S} {gateway.switches.zone_name}"
    gateway.outbox.frame(session.conn, [str(version), time_text])


def start(gateway: Hub, session: Session, request: StartApi) -> None:
    """A client says who it is, and is told its accounts, its next order id and the state of the farms."""
    if session.ready:
        return
    taken = gateway.session_of(request.client_id) is not None
    if taken or not gateway.faults.client_id_is_free(gateway, request.client_id):
        gateway.error(session, -1, 326, ID_IN_USE)
        gateway.hang_up(session)
        return
    session.client_id = request.client_id
    session.ready = True
    gateway.note("started", conn=session.conn, client=session.client_id, version=session.version)
    if gateway.switches.unsolicited_snapshot:
        orderqueries.announce(gateway, session)
    gateway.send(session, answers.managed_accts(session.version, accounts=gateway.accounts.names))
    tell_id(gateway, session)
    tell_farms(gateway, session)


def tell_id(gateway: Hub, session: Session) -> None:
    next_id = gateway.orders.next_valid_id(session.client_id)
    gateway.send(session, answers.next_valid_id(session.version, order_id=next_id))


def tell_farms(gateway: Hub, session: Session) -> None:
    for code, text in FARMS:
        gateway.error(session, -1, code, text)


def tell_accounts(gateway: Hub, session: Session, request: ReqManagedAccts) -> None:
    gateway.send(session, answers.managed_accts(session.version, accounts=gateway.accounts.names))


def tell_next_id(gateway: Hub, session: Session, request: ReqIds) -> None:
    tell_id(gateway, session)


def set_log_level(gateway: Hub, session: Session, request: SetServerLogLevel) -> None:
    """Taken without an answer; the ledger has everything at any level."""
    gateway.note("log_level", conn=session.conn, level=request.level)


HANDLERS = {
    StartApi: start,
    ReqIds: tell_next_id,
    ReqManagedAccts: tell_accounts,
    SetServerLogLevel: set_log_level,
}
