"""Puts the fault filter between this gateway and its clients, and turns it at the control door."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from apps.simgateway.gateway.core import ControlRefused, Session, Stall
from apps.simgateway.gateway.faults.filter import Faults
from apps.simgateway.gateway.faults.kinds import FOR_EVER
from apps.simgateway.gateway.faults.records import PASS, Delivery, Message, Request, Ruling, make_fault
from apps.simgateway.wire.names import ANSWER_NAMES, REQUEST_NAMES

if TYPE_CHECKING:
    from apps.simgateway.gateway.hub import Hub

Args = dict[str, Any]
_ANSWERS = {str(number): name for number, name in ANSWER_NAMES.items()}
_REQUESTS = {str(number): name for number, name in REQUEST_NAMES.items()}


class Interference:
    """What stands between a gateway and its clients. Each answer True means: go on as usual."""

    def __init__(self) -> None:
        self.filter = Faults()

    @property
    def watches_messages(self) -> bool:
        """Whether a fault wants to see what goes out."""
        return self.filter.on_messages

    def rows(self) -> list[Args]:
        return self.filter.rows()

    def greeting(self, gateway: "Hub", session: Session) -> bool:
        """A client says hello."""
        return self._ruled(gateway, session, Request(conn=session.conn, client=-1, name="hello", fields=[]))

    def incoming(self, gateway: "Hub", session: Session, request: Any) -> bool:
        """A request arrives."""
        if not self.filter.on_requests:
            return True
        fields = session.frame
        client = getattr(request, "client_id", session.client_id) if fields[0] == "71" else session.client_id
        order = getattr(request, "order", None)
        asked = Request(
            conn=session.conn,
            client=client,
            name=_REQUESTS.get(fields[0], ""),
            fields=fields,
            ref=getattr(order, "order_ref", ""),
            order_id=getattr(request, "order_id", 0),
            session=(session, request),
        )
        return self._ruled(gateway, session, asked)

    def outgoing(
        self, gateway: "Hub", session: Session, fields: list[str], *, ref: str, order_id: int
    ) -> bool:
        """A message leaves."""
        if not self.filter.on_messages:
            return True
        message = Message(
            conn=session.conn,
            client=session.client_id,
            name=_ANSWERS.get(fields[0], ""),
            fields=fields,
            ref=ref,
            order_id=order_id,
            version=session.version,
        )
        for delivery in self.filter.outgoing(message, gateway.now):
            _deliver(gateway, delivery)
        return False

    def client_id_is_free(self, gateway: "Hub", client_id: int) -> bool:
        """No fault takes a client id here: `busy_client` answers startApi itself."""
        return True

    def closed(self, session: Session) -> None:
        self.filter.forget(session.conn)

    def _ruled(self, gateway: "Hub", session: Session, asked: Request) -> bool:
        ruling = self.filter.incoming(asked, gateway.now)
        if ruling is PASS:
            return True
        gateway.note("fault", conn=session.conn, request=asked.name, **_as_note(ruling))
        if ruling.after:
            gateway.later(ruling.after, lambda: _handle(gateway, asked))
        elif ruling.handle:
            session.closed = ruling.quiet
            gateway.handle(session, asked.session[1])
            session.closed = False
        if ruling.code:
            gateway.error(session, _subject(asked), ruling.code, ruling.text)
        if ruling.close:
            gateway.hang_up(session)
        if ruling.stall:
            stall(gateway, session.conn, ruling.stall_for)
        return False


def _as_note(ruling: Ruling) -> Args:
    return {
        name: value for name in Ruling.__slots__ if (value := getattr(ruling, name)) != getattr(PASS, name)
    }


def _subject(asked: Request) -> int:
    """The id that an error about this request carries."""
    _, request = asked.session or (None, None)
    for name in ("order_id", "req_id"):
        if (found := getattr(request, name, None)) is not None:
            return int(found)
    return -1


def _handle(gateway: "Hub", asked: Request) -> None:
    """Do a request that was kept; if its socket has gone, all the same, for the client it came from."""
    session, request = asked.session
    if session.conn not in gateway.sessions:
        known = gateway.session_of(asked.client)
        session = known or Session(session.conn, session.version, asked.client, ready=True, closed=True)
    session.frame = asked.fields
    gateway.handle(session, request)


def _deliver(gateway: "Hub", delivery: Delivery) -> None:
    def act() -> None:
        session = gateway.sessions.get(delivery.conn)
        if session is None:
            return
        if delivery.torn:
            gateway.outbox.half(delivery.conn, delivery.fields)
            gateway.hang_up(session)
        else:
            gateway.outbox.frame(delivery.conn, delivery.fields)

    if delivery.after:
        gateway.later(delivery.after, act)
    else:
        act()


def stall(gateway: "Hub", conn: int, span: int = 0) -> None:
    """Let a socket go dead without closing it; after a while, if one is given, it lives again."""
    gateway.outbox.put(Stall(conn, True))
    if span:
        gateway.later(span, lambda: gateway.outbox.put(Stall(conn, False)))


def _conns(gateway: "Hub", args: Args) -> list[int]:
    """The sockets of a client id, or all."""
    client = args.get("client")
    found = [
        session.conn
        for session in gateway.sessions.values()
        if client in (None, "", "all") or session.client_id == int(str(client))
    ]
    if not found:
        raise ControlRefused(f"no client {client} is connected")
    return found


def _fault(gateway: "Hub", args: Args) -> Args:
    """Turn a fault of the catalogue on."""
    given = dict(args)
    fault = make_fault(str(given.pop("kind", "")), given)
    interference = gateway.faults
    number = interference.filter.add(fault, _positions(gateway))
    until = "until cleared" if fault.count == FOR_EVER else f"{fault.count} times"
    return {"number": number, "kind": fault.kind, "acts": until}


def _positions(gateway: "Hub") -> dict[tuple[str, str], str]:
    return {
        (account, str(position.con_id)): str(position.quantity)
        for account, position in gateway.accounts.positions()
    }


def _clear(gateway: "Hub", args: Args) -> Args:
    """Turn faults off; what they held goes out."""
    return _let_go(gateway, gateway.faults.filter.clear(str(args.get("which", ""))), [])


def _release(gateway: "Hub", args: Args) -> Args:
    """What is held goes out, and what was swallowed is done."""
    return _let_go(gateway, *gateway.faults.filter.release(str(args.get("which", ""))))


def _let_go(gateway: "Hub", messages: list[Message], requests: list[Request]) -> Args:
    for message in messages:
        _deliver(gateway, Delivery(message.conn, message.fields))
    for request in requests:
        _handle(gateway, request)
    return {"messages": len(messages), "requests": len(requests)}


def _hangup(gateway: "Hub", args: Args) -> Args:
    """Close sockets: `hangup 1`, `hangup all abort=yes`."""
    conns = _conns(gateway, args)
    for conn in conns:
        gateway.hang_up(gateway.sessions[conn], abort=str(args.get("abort", "")) in ("yes", "1", "true"))
    return {"closed": len(conns)}


def _stall_now(gateway: "Hub", args: Args) -> Args:
    conns = _conns(gateway, args)
    for conn in conns:
        stall(gateway, conn, int(args.get("ms", 0)) * 1_000)
    return {"stalled": len(conns)}


def _unstall(gateway: "Hub", args: Args) -> Args:
    conns = _conns(gateway, args)
    for conn in conns:
        gateway.outbox.put(Stall(conn, False))
    return {"alive": len(conns)}


CONTROLS: dict[str, Callable[["Hub", Args], Args]] = {
    "fault": _fault,
    "clear": _clear,
    "release": _release,
    "hangup": _hangup,
    "stall": _stall_now,
    "unstall": _unstall,
}
