"""The server over real sockets: many clients, slow ones, and ones that speak nonsense."""

import socket
import struct
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from apps.simgateway.assembly import Setup, build_machine
from apps.simgateway.clock import Clock, read_instant
from apps.simgateway.record import Ledger
from apps.simgateway.server import Server
from tests.simgateway.bench.rawclient import RawClient
from tests.simgateway.scripts.requests import request_fields
from tests.simgateway.shell.loops import in_thread

START = read_instant("2026-11-20T10:00 US/Eastern")


@dataclass
class Place:
    """A server, and the clients that a test has let in."""

    port: int
    server: Server
    ledger: Ledger
    clients: list[RawClient] = field(default_factory=list)

    def client(self, number: int) -> RawClient:
        self.clients.append(RawClient(self.port, number))
        return self.clients[-1]


@pytest.fixture
def place() -> Iterator[Place]:
    ledger = Ledger()
    machine = build_machine(Setup(start=START, switches={"pacing": "off"}), ledger)
    server = Server(machine, Clock(START))
    with in_thread(server.listen("127.0.0.1", 0), server.stop) as port:
        place = Place(port, server, ledger)
        yield place
        for client in place.clients:
            client.close()


def ask_time(client: RawClient) -> None:
    client.send(request_fields("reqCurrentTime", {}))
    client.read_until(b"49")


def test_thirty_two_clients_are_served_and_the_next_is_not(place: Place):
    clients = [place.client(number) for number in range(32)]
    for client in clients:
        ask_time(client)
    with pytest.raises(ConnectionError):
        place.client(33)
    clients[0].close()
    wait_for(lambda: place.server.client_count == 31)
    ask_time(place.client(34))


def wait_for(holds, seconds: float = 5.0) -> None:
    limit = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < limit, "it did not happen in time"
        time.sleep(0.01)


def test_a_client_that_does_not_read_blocks_nobody(place: Place):
    slow, quick = place.client(1), place.client(2)
    for _ in range(3_000):
        slow.send(request_fields("reqManagedAccts", {}))
    began = time.monotonic()
    for _ in range(20):
        ask_time(quick)
    assert time.monotonic() - began < 5
    assert slow.read_until(b"15")


def test_garbage_costs_only_its_own_connection(place: Place):
    good = place.client(1)
    for rubbish in (b"GET / HTTP/1.1\r\n\r\n", b"API\0" + struct.pack(">i", -5), b"API\0" + b"\xff" * 64):
        with socket.create_connection(("127.0.0.1", place.port), timeout=5) as bad:
            bad.sendall(rubbish)
            assert bad.recv(1_000) == b""
    ask_time(good)


def test_half_a_greeting_and_a_goodbye_leave_nothing_behind(place: Place):
    for half in (b"", b"API", b"API\0\0\0"):
        with socket.create_connection(("127.0.0.1", place.port), timeout=5) as raw:
            raw.sendall(half)
    wait_for(lambda: place.server.client_count == 0)
    ask_time(place.client(1))


def test_the_ledger_has_both_directions(place: Place):
    client = place.client(1)
    ask_time(client)

    def names() -> list[str]:
        return [line.get("name") for line in place.ledger.latest(100)]

    wait_for(lambda: "currentTime" in names())  # an answer goes out before its line is written
    said = names()
    assert said.index("startApi") < said.index("nextValidId") < said.index("currentTime")
