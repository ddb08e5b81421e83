"""The sockets of the gateway: asyncio, one timer, and nobody waits for a slow reader."""

import asyncio
from collections.abc import Callable
from typing import Any

from apps.simgateway.clock import Clock
from apps.simgateway.exchange.instant import Instant
from apps.simgateway.gateway.core import Hangup, Stall, Write
from apps.simgateway.machine import Machine

BUFFER_LIMIT = 16 << 20  # unread bytes after which a client is cut off
_FLUSH_SECONDS = 0.02


class Connection(asyncio.Protocol):
    """One client's socket: bytes in to the server, bytes out into the transport's own buffer."""

    def __init__(self, server: "Server") -> None:
        self._server = server
        self._kept: list[bytes] = []
        self._kept_bytes = 0
        self._stalled = False
        self.transport: asyncio.Transport
        self.conn = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.conn = self._server.connected(self)

    def data_received(self, data: bytes) -> None:
        self._server.received(self.conn, data)

    def connection_lost(self, exc: Exception | None) -> None:
        self._server.lost(self.conn)

    def write(self, data: bytes) -> None:
        if self._stalled:
            self._kept.append(data)
            self._kept_bytes += len(data)
        else:
            self.transport.write(data)

    @property
    def is_overfull(self) -> bool:
        return self.transport.get_write_buffer_size() + self._kept_bytes > BUFFER_LIMIT

    def stall(self, on: bool) -> None:
        """Neither read nor write, without closing; then go on where it stopped."""
        if on == self._stalled or self.transport.is_closing():
            return
        self._stalled = on
        if on:
            self.transport.pause_reading()
            return
        self.transport.resume_reading()
        self.transport.write(b"".join(self._kept))
        self._kept.clear()
        self._kept_bytes = 0

    def hang_up(self, *, abort: bool) -> None:
        if abort:
            self.transport.abort()
        else:
            self.transport.close()


class Server:
    """Drives one machine from the sockets and the clock."""

    def __init__(
        self, machine: Machine, clock: Clock, *, after_each: Callable[[], None] | None = None
    ) -> None:
        self._machine = machine
        self._clock = clock
        self._after_each = after_each
        self._connections: dict[int, Connection] = {}
        self._accepted = 0
        self._listener: asyncio.Server | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._timer_due: Instant | None = None
        self._flusher: asyncio.TimerHandle | None = None

    async def listen(self, host: str, port: int) -> int:
        """Accept clients; port 0 takes any free one. Answers the port."""
        loop = asyncio.get_running_loop()
        self._listener = await loop.create_server(lambda: Connection(self), host, port, backlog=64)
        self._flush()
        self.wake()
        bound: int = self._listener.sockets[0].getsockname()[1]
        return bound

    async def stop(self) -> None:
        """Close every socket and wait until they are gone."""
        if self._listener is not None:
            self._listener.close()
        for connection in list(self._connections.values()):
            connection.hang_up(abort=False)
        for handle in (self._timer, self._flusher):
            if handle is not None:
                handle.cancel()
        await asyncio.sleep(0)
        if self._listener is not None:
            await self._listener.wait_closed()
        self._machine.ledger.close()

    @property
    def client_count(self) -> int:
        return len(self._connections)

    def connected(self, connection: Connection) -> int:
        self._accepted += 1
        self._connections[self._accepted] = connection
        self._machine.open(self._accepted, self._clock.now())
        self._deliver()
        return self._accepted

    def received(self, conn: int, data: bytes) -> None:
        outbox = self._machine.gateway.outbox
        outbox.ahead = self._write  # the first answer does not wait until all others are made
        try:
            self._machine.receive(conn, data, self._clock.now())
        finally:
            outbox.ahead = None
        self._deliver()

    def lost(self, conn: int) -> None:
        if self._connections.pop(conn, None) is not None:
            self._machine.close(conn, self._clock.now())
            self._deliver()

    def control(self, verb: str, args: dict[str, Any]) -> dict[str, Any]:
        """One turn at the control door, at this instant."""
        try:
            return self._machine.control(verb, args, self._clock.now())
        finally:
            self._deliver()

    def wake(self) -> None:
        """The clock was turned, or time has passed: do what is due."""
        self._timer_due = None
        self._machine.advance(self._clock.now())
        self._deliver()

    def _deliver(self) -> None:
        """Hand out what the machine has to say, joined per socket, and set the timer."""
        joined: dict[int, list[bytes]] = {}
        for output in self._machine.take():
            if isinstance(output, Write):
                rest = output.data[output.ahead :] if output.ahead else output.data
                joined.setdefault(output.conn, []).append(rest)
                continue
            self._write(output.conn, b"".join(joined.pop(output.conn, [])))
            self._act(output)
        for conn, pieces in joined.items():
            self._write(conn, pieces[0] if len(pieces) == 1 else b"".join(pieces))
        if self._after_each is not None:
            self._after_each()
        self._set_timer()

    def _write(self, conn: int, data: bytes) -> None:
        connection = self._connections.get(conn)
        if connection is None or not data:
            return
        connection.write(data)
        if connection.is_overfull:
            self._machine.ledger.note(self._clock.now(), "overfull", {"conn": conn})
            connection.hang_up(abort=True)

    def _act(self, output: Hangup | Stall) -> None:
        connection = self._connections.get(output.conn)
        if connection is None:
            return
        if isinstance(output, Stall):
            connection.stall(output.on)
        else:
            connection.hang_up(abort=output.abort)

    def _set_timer(self) -> None:
        due = self._machine.next_due
        if due is not None and due == self._timer_due:
            return
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._timer_due = due
        seconds = None if due is None else self._clock.seconds_until(due)
        if seconds is not None:
            self._timer = asyncio.get_running_loop().call_later(seconds, self.wake)

    def _flush(self) -> None:
        self._machine.ledger.flush()
        self._flusher = asyncio.get_running_loop().call_later(_FLUSH_SECONDS, self._flush)
