"""A gateway with its byte streams and its ledger: what a server, a script and a replay all drive alike."""

import heapq
import itertools
from pathlib import Path
from typing import Any

from apps.simgateway.exchange.instant import Instant
from apps.simgateway.gateway.core import Hangup, Output, Write
from apps.simgateway.gateway.gateway import Gateway
from apps.simgateway.phrases import Turn
from apps.simgateway.record import Ledger
from apps.simgateway.wire.framing import FrameReader, Hello, ProtocolError


class Machine:
    """Bytes in, bytes out. Each input is written down before it is acted on."""

    def __init__(self, gateway: Gateway, ledger: Ledger) -> None:
        self.gateway = gateway
        self.ledger = ledger
        self._readers: dict[int, FrameReader] = {}
        self._planned: list[tuple[Instant, int, Turn]] = []
        self._serial = itertools.count()

    @property
    def next_due(self) -> Instant | None:
        own, planned = self.gateway.next_due, self._planned[0][0] if self._planned else None
        return min(own, planned) if own is not None and planned is not None else own or planned

    def plan(self, at: Instant, turn: Turn) -> None:
        """A turn of a scenario, to be done when its time comes."""
        heapq.heappush(self._planned, (at, next(self._serial), turn))

    def open(self, conn: int, now: Instant) -> None:
        self.ledger.note(now, "open", {"conn": conn})
        self._readers[conn] = FrameReader()
        self.gateway.open(conn, now)

    def receive(self, conn: int, data: bytes, now: Instant) -> None:
        """Bytes of one socket. Bytes that are no frames end that socket, and only that."""
        reader = self._readers.get(conn)
        if reader is None:
            return
        try:
            items, broken = list[object](reader.feed(data)), ""
        except ProtocolError as error:
            items, broken = error.complete, error.reason
        for item in items:
            if isinstance(item, Hello):
                self.hello(conn, item, now)
            elif isinstance(item, list):
                self.frame(conn, item, now)
        if broken:
            self.refuse(conn, broken, now)

    def hello(self, conn: int, hello: Hello, now: Instant) -> None:
        words = {"min": hello.min_version, "max": hello.max_version, "options": hello.options}
        self.ledger.note(now, "hello", {"conn": conn, **words})
        self.gateway.hello(conn, hello, now)

    def frame(self, conn: int, fields: list[str], now: Instant) -> None:
        self.ledger.frame_in(now, conn, fields)
        self.gateway.frame(conn, fields, now)

    def refuse(self, conn: int, reason: str, now: Instant) -> None:
        """Bytes that cannot be understood: the connection is closed."""
        self.ledger.note(now, "refused", {"conn": conn, "reason": reason})
        self._readers.pop(conn, None)
        self.gateway.close(conn, now)
        self.gateway.outbox.put(Hangup(conn))

    def close(self, conn: int, now: Instant) -> None:
        if self._readers.pop(conn, None) is None:
            return
        self.ledger.note(now, "close", {"conn": conn})
        self.gateway.close(conn, now)

    def control(self, verb: str, args: dict[str, Any], now: Instant) -> dict[str, Any]:
        args = _with_text(args)
        self.ledger.note(now, "control", {"verb": verb, "args": args})
        return self.gateway.control(verb, args, now)

    def advance(self, now: Instant) -> None:
        """Let everything happen that is due up to `now`, planned turns at their own instants."""
        while self._planned and self._planned[0][0] <= now:
            at, _, turn = heapq.heappop(self._planned)
            self._pass_time(at)
            try:
                self.control(turn.verb, turn.args, at)
            except ValueError as error:
                self.ledger.note(at, "turn_refused", {"verb": turn.verb, "reason": str(error)})
        self._pass_time(now)

    def _pass_time(self, now: Instant) -> None:
        due = self.gateway.next_due
        if due is not None and due <= now:
            self.ledger.note(now, "advance", {})
            self.gateway.advance(now)

    def take(self) -> list[Output]:
        """What is to be done at the sockets, written down."""
        outputs = self.gateway.take()
        for output in outputs:
            if isinstance(output, Write):
                self.ledger.frame_out(self.gateway.now, output.conn, output.data)
            else:
                name = type(output).__name__.lower()
                self.ledger.note(self.gateway.now, name, {k: getattr(output, k) for k in output.__slots__})
        return outputs


def _with_text(args: dict[str, Any]) -> dict[str, Any]:
    """A file that is named is read here, so that the ledger has what was in it."""
    if "file" not in args:
        return args
    try:
        text = Path(str(args["file"])).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(f"{args['file']} cannot be read: {error}") from None
    return {name: value for name, value in args.items() if name != "file"} | {"text": text}
