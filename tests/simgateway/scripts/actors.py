"""A client as a script knows it: what it sends is bytes, and bytes are what it is told."""

import struct
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from fnmatch import fnmatchcase

from tests.simgateway.scripts.answers import read_answer

Told = tuple[str, dict[str, str]]
Wanted = list[tuple[str, str, str]]  # field, operator, value


def framed(fields: list[str]) -> bytes:
    payload = "".join(f"{text}\0" for text in fields).encode()
    return struct.pack(">I", len(payload)) + payload


def greeting(versions: str) -> bytes:
    return b"API\0" + struct.pack(">I", len(versions)) + versions.encode()


@dataclass
class Actor:
    """One client: its socket, and the messages it has not looked at yet."""

    name: str
    conn: int
    closed: bool = False
    stalled: bool = False
    piece: int = 0  # its bytes go out in segments of so many
    version: str = ""
    told: list[Told] = field(default_factory=list)
    cursor: int = 0
    unread: bytes = b""
    unsent: bytes = b""

    def receive(self, data: bytes) -> None:
        self.unread += data
        if not self.stalled:
            self.read()

    def read(self) -> None:
        while len(self.unread) >= 4:
            size = struct.unpack(">I", self.unread[:4])[0]
            if len(self.unread) < 4 + size:
                return
            fields = self.unread[4 : 4 + size].decode().split("\0")[:-1]
            self.unread = self.unread[4 + size :]
            if not self.version:
                self.version = fields[0]
            else:
                self.told.append(read_answer(fields))

    def find(self, name: str, wanted: Wanted) -> int | None:
        """The place of the first message that fits, from where the actor has read to."""
        for place in range(self.cursor, len(self.told)):
            if fits(self.told[place], name, wanted):
                return place
        return None

    @property
    def waiting(self) -> list[Told]:
        return self.told[self.cursor :]


def fits(told: Told, name: str, wanted: Wanted) -> bool:
    return fnmatchcase(told[0], name) and all(
        _holds(told[1].get(key), op, value) for key, op, value in wanted
    )


def _holds(found: str | None, op: str, value: str) -> bool:
    if value.startswith("$"):  # not known yet: it will be what is found
        return found is not None
    if found is None:
        raise AssertionError(f"no such field; a condition on it ({op}{value}) cannot hold")
    if op == "~":
        return fnmatchcase(found, value)
    left, right = _number(found), _number(value)
    if op in "<>":
        if left is None or right is None:
            return False
        return left > right if op == ">" else left < right
    equal = left == right if left is not None and right is not None else found == value
    return equal if op == "=" else not equal


def _number(text: str) -> Decimal | None:
    try:
        return Decimal(text)
    except InvalidOperation:
        return None
