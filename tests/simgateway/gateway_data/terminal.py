"""ib_insync's own client and wrapper, with the gateway at the other end of its wire instead of a socket."""

import asyncio
import struct
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import ib_insync
from ib_insync.decoder import Decoder

from apps.simgateway.data.loading import load_catalogue, load_sessions
from apps.simgateway.exchange.accounts import Accounts
from apps.simgateway.exchange.catalogue import Catalogue
from apps.simgateway.exchange.events import Execution
from apps.simgateway.exchange.instant import SECOND, Instant, from_datetime
from apps.simgateway.exchange.ledgers import Account
from apps.simgateway.exchange.market import Market
from apps.simgateway.exchange.sessions import Sessions
from apps.simgateway.exchange.venue import Venue
from apps.simgateway.gateway.core import Write
from apps.simgateway.gateway.gateway import Gateway
from apps.simgateway.gateway.switches import Switches
from apps.simgateway.gateway.world import World
from apps.simgateway.wire.framing import FrameReader, Hello

WEDNESDAY = from_datetime(
    datetime(2026, 11, 18, 15, 0, tzinfo=UTC)
)  # New York has been open for half an hour
SATURDAY = from_datetime(datetime(2026, 11, 21, 15, 0, tzinfo=UTC))
FIRST, SECOND_ACCOUNT = "DU1000001", "DU1000002"

_known: list[tuple[Sessions, Catalogue]] = []


def _tables() -> tuple[Sessions, Catalogue]:
    if not _known:
        sessions = load_sessions()
        _known.append((sessions, load_catalogue(sessions)))
    return _known[0]


def build(now: Instant, **switches: Any) -> Gateway:
    """A gateway of its own, with two accounts and a share already held."""
    calendar, catalogue = _tables()
    turned = Switches().with_changes(switches)
    market = Market(catalogue, calendar, 7, step=turned.step_ms * 1000)
    accounts = Accounts(
        catalogue,
        market,
        [
            Account(name=FIRST, cash={"USD": Decimal(100_000), "EUR": Decimal(2_000)}),
            Account(name=SECOND_ACCOUNT, base="EUR", cash={"EUR": Decimal(50_000)}),
        ],
    )
    venue = Venue(catalogue, market, calendar, accounts)
    world = World(catalogue=catalogue, calendar=calendar, market=market, venue=venue, accounts=accounts)
    return Gateway(world, turned, seed=7, start=now)


class Terminal:
    """One connected client. What it asks goes out as bytes; what comes back is decoded by ib_insync."""

    def __init__(self, gateway: Gateway, *, version: int = 176, client_id: int = 1, conn: int = 1) -> None:
        self.gateway, self.version, self.conn = gateway, version, conn
        self.told: list[list[str]] = []
        self.errors: list[tuple[int, int, str]] = []
        self._reader = FrameReader()
        self.ib = ib_insync.IB()
        self.ib.errorEvent += lambda number, code, text, *_: self.errors.append((number, code, text))
        client = self.ib.client
        client.clientId, client._serverVersion = client_id, version
        client.connState, client._apiReady, client._reqIdSeq = client.CONNECTED, True, 1
        client.decoder = Decoder(self.ib.wrapper, version)
        client.sendMsg = self._send
        gateway.open(conn, gateway.now)
        self._write(b"API\0" + framed(f"v{version}..{version}"))
        client.startApi()
        answer = self.read(answer_to_hello=True)
        assert answer[0][0] == str(version)
        self.told.clear()
        self.errors.clear()

    def _send(self, text: str) -> None:
        self._write(framed(text))

    def _write(self, data: bytes) -> None:
        for item in self._reader.feed(data):
            if isinstance(item, Hello):
                self.gateway.hello(self.conn, item, self.gateway.now)
            else:
                self.gateway.frame(self.conn, item, self.gateway.now)

    def read(self, *, answer_to_hello: bool = False) -> list[list[str]]:
        """Decode everything that has come; answers the messages as fields."""
        come: list[list[str]] = []
        for output in self.gateway.take():
            assert isinstance(output, Write)
            come += frames_of(output.data)
        self.ib.wrapper.lastTime = datetime.now(UTC)
        for fields in come[1 if answer_to_hello else 0 :]:
            self.ib.client.decoder.interpret(list(fields))
        self.told += come
        return come

    def ask(self, request: Callable[[], Awaitable[Any]], *, seconds: int = 0) -> Any:
        """Await an ib_insync request; the gateway's clock goes on by some seconds while it waits."""

        async def whole() -> Any:
            pending = asyncio.ensure_future(request())
            await asyncio.sleep(0)
            self.read()
            if seconds:
                self.wait(seconds)
            return await asyncio.wait_for(pending, 1)

        return _loop().run_until_complete(whole())

    def wait(self, seconds: float) -> list[list[str]]:
        """Let the gateway's time pass; answers what came meanwhile."""
        self.gateway.advance(self.gateway.now + int(seconds * SECOND))
        return self.read()

    def contract(self, contract: ib_insync.Contract) -> Any:
        """The full contract of a description."""
        (found,) = self.ask(lambda: self.ib.reqContractDetailsAsync(contract))
        return found.contract

    def stock(self, symbol: str, exchange: str = "SMART", currency: str = "USD") -> Any:
        return self.contract(ib_insync.Stock(symbol, exchange, currency))

    def codes(self) -> list[int]:
        return [code for _, code, _ in self.errors]

    def of(self, number: str) -> list[list[str]]:
        """All messages of one kind so far."""
        return [fields for fields in self.told if fields[0] == number]


def framed(text: str) -> bytes:
    payload = text.encode()
    return struct.pack(">I", len(payload)) + payload


def frames_of(data: bytes) -> list[list[str]]:
    """The frames of gateway bytes."""
    found = []
    while data:
        (size,) = struct.unpack(">I", data[:4])
        found.append(data[4 : 4 + size].decode().split("\0")[:-1])
        data = data[4 + size :]
    return found


_loops: list[asyncio.AbstractEventLoop] = []


def _loop() -> asyncio.AbstractEventLoop:
    if not _loops:
        _loops.append(asyncio.new_event_loop())
        asyncio.set_event_loop(_loops[0])
    return _loops[0]


def booked(gateway: Gateway, con_id: int, shares: int, price: str, *, serial: int = 1) -> None:
    """Put a print into the first account's books, as the venue does when an order fills."""
    instrument = gateway.catalogue.by_con_id(con_id)
    assert instrument is not None
    execution = Execution(
        exec_id=f"0000e0d5.69dd7411.{serial:02d}.01",
        perm_id=900 + serial,
        account=FIRST,
        con_id=con_id,
        side="BOT" if shares > 0 else "SLD",
        shares=Decimal(abs(shares)),
        price=Decimal(price),
        venue=instrument.primary_exchange,
        at=gateway.now,
        cum_quantity=Decimal(abs(shares)),
        average_price=Decimal(price),
    )
    gateway.accounts.book(execution, instrument, Decimal(1))
