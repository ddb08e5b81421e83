"""A gateway on a clock of the test's own, and clients that speak to it in bytes."""

from typing import Any

from apps.simgateway.assembly import Setup, build_machine
from apps.simgateway.clock import read_instant
from apps.simgateway.exchange.instant import SECOND
from apps.simgateway.gateway.core import Hangup, Write
from apps.simgateway.machine import Machine
from tests.simgateway.scripts.actors import Actor, Told, framed, greeting
from tests.simgateway.scripts.requests import request_fields

FRIDAY = "2026-11-20T10:00 US/Eastern"  # half an hour after the opening
AAPL, MSFT = "265598", "272093"
_SIDES = {"BOT": "+", "SLD": "-"}


class House:
    """One gateway, its clock, and who is connected."""

    def __init__(self, start: str = FRIDAY, *, state: dict[str, Any] | None = None, **switches: Any) -> None:
        self.now = read_instant(start)
        turned = {"pacing": "off"} | {name: str(value) for name, value in switches.items()}
        self.machine: Machine = build_machine(Setup(start=self.now, switches=turned, state=state))
        self.clients: dict[int, Client] = {}

    @property
    def gateway(self) -> Any:
        return self.machine.gateway

    def quote(
        self, symbol: str = "AAPL", bid: str = "100.00", ask: str = "100.02", *, size: str = "1000"
    ) -> None:
        """Pin a market."""
        self.turn("quote", symbol=symbol, bid=bid, ask=ask, bid_size=size, ask_size=size)

    def turn(self, verb: str, **args: Any) -> dict[str, Any]:
        answer = self.machine.control(verb, args, self.now)
        self.deliver()
        return answer

    def connect(self, client_id: int = 1, versions: str = "v157..176") -> "Client":
        client = Client(self, len(self.clients) + 1)
        self.clients[client.actor.conn] = client
        self.machine.open(client.actor.conn, self.now)
        client.write(greeting(versions))
        client.ask("startApi", client=client_id)
        return client

    def wait(self, seconds: float = 1) -> None:
        """Let time pass, stopping wherever something is due."""
        until = self.now + int(seconds * SECOND)
        while (due := self.machine.next_due) is not None and due <= until:
            self.now = max(self.now, due)
            self.machine.advance(self.now)
        self.now = until
        self.machine.advance(self.now)
        self.deliver()

    def until(self, moment: str) -> None:
        self.wait((read_instant(moment) - self.now) / SECOND)

    def deliver(self) -> None:
        for output in self.machine.take():
            client = self.clients.get(output.conn)
            if client is None:
                continue
            if isinstance(output, Write):
                client.actor.receive(output.data)
            elif isinstance(output, Hangup):
                client.actor.closed = True
                self.machine.close(output.conn, self.now)


class Client:
    """One socket."""

    def __init__(self, house: House, conn: int) -> None:
        self.house = house
        self.actor = Actor(f"client {conn}", conn)

    def write(self, data: bytes) -> None:
        self.house.machine.receive(self.actor.conn, data, self.house.now)
        self.house.deliver()

    def ask(self, name: str, **words: Any) -> None:
        spelled = {key.rstrip("_"): str(value) for key, value in words.items()}
        self.write(framed(request_fields(name, spelled)))

    def place(self, order_id: int, side: str, quantity: Any, kind: str = "MKT", **words: Any) -> None:
        base = {"symbol": "AAPL", "id": order_id, "side": side, "quantity": quantity, "type": kind}
        self.ask("placeOrder", **{**base, **words})

    def limit(
        self, order_id: int, price: Any = 99, *, side: str = "BUY", quantity: Any = 10, **words: Any
    ) -> None:
        self.place(order_id, side, quantity, "LMT", limit=price, **words)

    def close(self) -> None:
        self.house.machine.close(self.actor.conn, self.house.now)

    def forget(self) -> None:
        self.actor.told.clear()

    def told(self, name: str = "") -> list[dict[str, str]]:
        """The fields of every message of one kind so far."""
        return [fields for kind, fields in self.actor.told if name in ("", kind)]

    def heard(self) -> list[str]:
        """Everything since the last time, each message in a few words."""
        words = [brief(told) for told in self.actor.told]
        self.forget()
        return words


def brief(told: Told) -> str:
    """`O1 Submitted`, `S1 Submitted 0/10`, `X1 +10@100.02`, `C 1.0`, `E1 202`."""
    name, of = told
    if name == "openOrder":
        cost = f" cost {of['commission']}" if of["commission"] else ""
        return f"O{of['id']} {of['status']}{cost}"
    if name == "orderStatus":
        held = f" {of['held']}" if of["held"] else ""
        return f"S{of['id']} {of['status']} {of['filled']}/{of['remaining']}{held}"
    if name == "execDetails":
        return f"X{of['id']} {_SIDES[of['side']]}{of['shares']}@{of['price']}"
    if name == "commissionReport":
        return f"C {of['commission']}"
    return f"E{of['id']} {of['code']}" if name == "error" else name


def pair(order_id: int, status: str, numbers: str, *, cost: str = "") -> list[str]:
    """openOrder and orderStatus with the same status."""
    return [f"O{order_id} {status}{f' cost {cost}' if cost else ''}", f"S{order_id} {status} {numbers}"]
