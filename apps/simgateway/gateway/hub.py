"""What every handler works with: the world behind the gateway, and the ways to say something."""

from collections.abc import Callable, Sequence
from typing import Any

from apps.simgateway.exchange.events import Event
from apps.simgateway.exchange.instant import Instant, Micros
from apps.simgateway.gateway.core import Hangup, Outbox, Output, Session, Timers, later
from apps.simgateway.gateway.faults.interference import Interference
from apps.simgateway.gateway.orders.cause import BY_ITSELF, Cause
from apps.simgateway.gateway.orders.orderbook import OrderBook
from apps.simgateway.gateway.switches import Switches
from apps.simgateway.gateway.world import World
from apps.simgateway.wire.answers.session import error
from apps.simgateway.wire.framing import read_back

Record = Callable[[Instant, str, dict[str, Any]], None]


class Hub:
    """The state of one gateway, and its ways out. Handlers get it as `gateway`."""

    def __init__(
        self,
        world: World,
        switches: Switches,
        *,
        seed: int,
        start: Instant,
        faults: Interference | None = None,
        record: Record | None = None,
    ) -> None:
        self.catalogue = world.catalogue
        self.calendar = world.calendar
        self.market = world.market
        self.venue = world.venue
        self.accounts = world.accounts
        self.switches = switches
        self.now = start
        self.faults = faults if faults is not None else Interference()
        self.timers = Timers()
        self.outbox = Outbox()
        self.sessions: dict[int, Session] = {}
        self.orders = OrderBook(seed)
        self.link_up = True  # the line between this gateway and the broker
        self.deferred: list[Callable[[], None]] = []  # what waits for the line
        self._record = record

    def send(self, session: Session, fields: list[str], *, ref: str = "", order_id: int = 0) -> None:
        """One message to one client, unless a fault has other plans with it."""
        if session.closed:
            return
        if self.faults.outgoing(self, session, fields, ref=ref, order_id=order_id):
            self.outbox.frame(session.conn, fields)

    def send_body(self, session: Session, body: bytes, *, ref: str = "", order_id: int = 0) -> None:
        """The same for a message whose fields are bytes already."""
        if self.faults.watches_messages:
            self.send(session, read_back(body), ref=ref, order_id=order_id)
        elif not session.closed:
            self.outbox.body(session.conn, body)

    def error(
        self, session: Session, req_id: int, code: int, text: str, json: str = "", *, ref: str = ""
    ) -> None:
        """An error or a notice; id -1 concerns the whole connection."""
        message = error(
            session.version,
            req_id=req_id,
            code=code,
            text=text,
            advanced_json=json,
            time_ms=self.now // 1_000,
        )
        self.send(session, message, ref=ref, order_id=req_id)

    def sessions_ready(self) -> list[Session]:
        """Clients that have started, in the order of their connecting."""
        return [session for session in self.sessions.values() if session.ready]

    def session_of(self, client_id: int) -> Session | None:
        """The one session of a client id."""
        for session in self.sessions.values():
            if session.client_id == client_id and session.ready:
                return session
        return None

    def hang_up(self, session: Session, *, abort: bool = False) -> None:
        """End a connection from this side; what was said before still goes out."""
        self._forget(session)
        self.outbox.put(Hangup(session.conn, abort))

    def later(self, delay: Micros, act: Callable[[], None]) -> None:
        """Do it after a while, or at once when there is no delay."""
        later(self.timers, self.now, delay, act)

    def note(self, kind: str, **data: Any) -> None:
        """A line in the ledger."""
        if self._record is not None:
            self._record(self.now, kind, data)

    def take(self) -> list[Output]:
        """All that is to be done at the sockets since the last time."""
        return self.outbox.take()

    def handle(self, session: Session, request: Any) -> None:
        """Act on a request, past all faults."""
        raise TypeError("a hub without handlers cannot act on requests")

    def on_event(self, event: Event) -> None:
        """One thing that happened at the exchange."""
        self.on_events([event])

    def on_events(self, events: Sequence[Event], cause: Cause = BY_ITSELF) -> None:
        """What happened at the exchange in one go."""
        raise TypeError("a hub without handlers cannot tell events")

    def _forget(self, session: Session) -> None:
        session.closed = True
        session.ready = False
        session.streams.clear()
        self.sessions.pop(session.conn, None)
        self.faults.closed(session)
