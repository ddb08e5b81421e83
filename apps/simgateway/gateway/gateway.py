"""The gateway: sockets, frames, turns at the control door and time go in; messages come out."""

from collections.abc import Sequence
from typing import Any

from apps.simgateway.exchange.days import next_midnight
from apps.simgateway.exchange.events import Event, PositionChanged
from apps.simgateway.exchange.instant import Instant
from apps.simgateway.gateway import dispatch, handshake, keeping, pacing
from apps.simgateway.gateway.core import ControlRefused, Session
from apps.simgateway.gateway.faults.interference import Interference
from apps.simgateway.gateway.hub import Hub, Record
from apps.simgateway.gateway.orders import sequences
from apps.simgateway.gateway.orders.cause import BY_ITSELF, Cause
from apps.simgateway.gateway.switches import Switches
from apps.simgateway.gateway.wording import invalid
from apps.simgateway.gateway.world import World
from apps.simgateway.wire.failures import UnknownMessage, WrongFields
from apps.simgateway.wire.framing import Hello
from apps.simgateway.wire.requests.parsing import parse
from apps.simgateway.wire.requests.session import StartApi


class Gateway(Hub):
    """Deterministic: the same seed and the same inputs at the same instants give the same bytes."""

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
        super().__init__(world, switches, seed=seed, start=start, faults=faults, record=record)
        for begin in dispatch.BEGINNINGS:
            begin(self)

    def open(self, conn: int, now: Instant) -> None:
        """A socket was accepted."""
        self.advance(now)
        session = Session(conn)
        self.sessions[conn] = session
        if len(self.sessions) > self.switches.max_clients:
            self.hang_up(session)

    def hello(self, conn: int, hello: Hello, now: Instant) -> None:
        """A client said which versions it speaks."""
        self.advance(now)
        session = self.sessions.get(conn)
        if session is not None and self.faults.greeting(self, session):
            handshake.greet(self, session, hello)

    def frame(self, conn: int, fields: list[str], now: Instant) -> None:
        """A request arrived; it is handled at once unless its client is too fast."""
        self.advance(now)
        session = self.sessions.get(conn)
        if session is not None:
            pacing.admit(self, session, lambda: self._read(session, fields))

    def handle(self, session: Session, request: Any) -> None:
        """Act on a request, past all faults."""
        if not session.ready and not isinstance(request, StartApi):
            self.error(session, -1, 321, invalid("startApi has to come first", "bA"))
            return
        handler = dispatch.HANDLERS.get(type(request))
        if handler is not None:
            handler(self, session, request)
            return
        self.error(session, getattr(request, "req_id", -1), 321, invalid("the request is not supported"))

    def close(self, conn: int, now: Instant) -> None:
        """A socket is gone. Orders stay."""
        self.advance(now)
        session = self.sessions.get(conn)
        if session is not None:
            self._forget(session)

    def control(self, verb: str, args: dict[str, Any], now: Instant) -> dict[str, Any]:
        """A turn at the control door; ControlRefused when it cannot be done."""
        self.advance(now)
        turn = dispatch.CONTROLS.get(verb)
        if turn is None:
            known = ", ".join(sorted(dispatch.CONTROLS))
            raise ControlRefused(f"the control door does not know '{verb}'; it knows: {known}")
        try:
            return turn(self, args)
        except LookupError as missing:
            raise ControlRefused(str(missing.args[0]) if missing.args else verb) from None

    def advance(self, now: Instant) -> None:
        """Live through everything that is due up to and at `now`, each thing at its own instant."""
        while (due := self.next_due) is not None and due <= now:
            self.now = max(self.now, due)
            timer_due = self.timers.next_due
            if timer_due is not None and timer_due <= due:
                self.timers.pop()[1]()
            else:
                self.on_events(self.venue.advance(self.now))
        self.now = max(self.now, now)

    @property
    def next_due(self) -> Instant | None:
        """When something happens next without anybody asking."""
        timer, venue = self.timers.next_due, self.venue.next_due(self.now)
        if timer is None or venue is None:
            return timer if venue is None else venue
        return min(timer, venue)

    def on_events(self, events: Sequence[Event], cause: Cause = BY_ITSELF) -> None:
        """What happened at the exchange in one go: the order messages first, then who watches."""
        if not events:
            return
        sequences.tell(self, events, cause)
        moved = [event for event in events if isinstance(event, PositionChanged)]
        for watch in dispatch.WATCHERS if moved else ():
            for event in moved:
                watch(self, event)

    def dump(self) -> dict[str, Any]:
        """All that outlives the process, as plain JSON values."""
        return keeping.dumped(self)

    def load(self, state: dict[str, Any]) -> None:
        """Take up what `dump` gave, before the first client comes."""
        keeping.restore(self, state)
        self.on_events(self.venue.catch_up(self.now))
        if next_midnight(self.switches.midnight_zone, state["now"]) <= self.now:
            self.orders.begin_day()

    def _read(self, session: Session, fields: list[str]) -> None:
        if session.closed:
            return
        try:
            request = parse(fields, session.version)
        except WrongFields as wrong:
            self.error(session, wrong.request_id, 320, f"Error reading request. {wrong.detail}")
            return
        except UnknownMessage as unknown:
            text = f"Error reading request. Unknown message id {unknown.message_id!r}"
            self.error(session, -1, 320, text)
            return
        session.frame = fields
        if self.faults.incoming(self, session, request):
            self.handle(session, request)
