"""Frames: a length, then fields each closed by a NUL. And the words before the first frame."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from apps.simgateway.wire.failures import ProtocolError

__all__ = [
    "FrameReader",
    "Hello",
    "ProtocolError",
    "encode",
    "hello_answer",
    "negotiate",
    "read_back",
    "written",
]

PREFIX = b"API\0"
LARGEST = 16 * 1024 * 1024
OLDEST_SPOKEN = 157
NEWEST_SPOKEN = 200  # from 201 on, message ids are raw integers and bodies change form
MISREAD = 158  # two client families lay one field out differently at exactly this version
_HELLO = re.compile(r"v(\d{1,9})(?:\.\.(\d{1,9}))?(?: (.*))?", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Hello:
    """The versions a client speaks, and the options it named."""

    min_version: int
    max_version: int
    options: str = ""


Message = Hello | list[str]


class FrameReader:
    """Cuts a stream into messages, however the segments fall."""

    def __init__(self) -> None:
        self._rest = bytearray()
        self._prefixed = False
        self._greeted = False
        self._broken = ""

    def feed(self, data: bytes) -> list[Message]:
        """The messages that are complete with these bytes. A broken stream stays broken."""
        if self._broken:
            raise ProtocolError(self._broken)
        self._rest += data
        complete: list[Message] = []
        try:
            self._cut(complete)
        except ProtocolError as broken:
            self._broken = broken.reason
            raise ProtocolError(broken.reason, list(complete)) from None
        return complete

    def _cut(self, complete: list[Message]) -> None:
        rest, at = self._rest, 0
        if not self._prefixed:
            at = self._cut_prefix()
            if not self._prefixed:
                return
        try:
            while len(rest) - at >= 4:
                end = at + 4 + _length(rest, at, largest=LARGEST if self._greeted else 4096)
                if len(rest) < end:
                    break
                payload = bytes(rest[at + 4 : end])
                at = end
                complete.append(_fields(payload) if self._greeted else _hello(payload))
                self._greeted = True
        finally:
            del rest[:at]

    def _cut_prefix(self) -> int:
        head = bytes(self._rest[: len(PREFIX)])
        if not PREFIX.startswith(head):
            raise ProtocolError(f"the stream begins with {head!r}, not with {PREFIX!r}")
        self._prefixed = head == PREFIX
        return len(PREFIX) if self._prefixed else 0


def _length(data: bytearray, at: int, *, largest: int) -> int:
    length = int.from_bytes(data[at : at + 4], "big", signed=True)
    if length < 0:
        raise ProtocolError(f"a frame of negative length {length}")
    if length == 0:
        raise ProtocolError("an empty frame")
    if length > largest:
        raise ProtocolError(f"a frame of {length} bytes, more than {largest}")
    return length


def _hello(payload: bytes) -> Hello:
    text = payload.decode("latin-1").rstrip("\0")
    match = _HELLO.fullmatch(text)
    if match is None:
        raise ProtocolError(f"no version range in {text[:60]!r}")
    low, high, options = match.groups()
    return Hello(int(low), int(high or low), (options or "").strip())


def _fields(payload: bytes) -> list[str]:
    if payload[-1]:
        raise ProtocolError("the last field of a frame is not closed")
    return read_back(payload)


def written(fields: Sequence[str]) -> bytes:
    """The fields of a message, each closed by a NUL."""
    return ("\0".join(fields) + "\0").encode("utf-8", "surrogateescape")


def read_back(body: bytes) -> list[str]:
    """The opposite of `written`."""
    return body[:-1].decode("utf-8", "surrogateescape").split("\0")


def encode(fields: Sequence[str]) -> bytes:
    """One frame."""
    body = written(fields)
    return len(body).to_bytes(4, "big") + body


def hello_answer(version: int, time_text: str) -> bytes:
    """The gateway's half of the handshake."""
    return encode((str(version), time_text))


def negotiate(hello: Hello, ceiling: int) -> int | None:
    """The newest version both speak, or None."""
    if hello.min_version > hello.max_version:
        return None
    version = min(hello.max_version, ceiling, NEWEST_SPOKEN)
    if version == MISREAD:
        version -= 1
    return version if version >= max(hello.min_version, OLDEST_SPOKEN) else None
