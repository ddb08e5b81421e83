"""The real clients' encoders and decoders without a socket: what they would send, what they understand."""

import logging
from collections.abc import Callable, Iterator
from typing import Any

from apps.simgateway.wire.framing import FrameReader, encode

GREETING = b"API\0\x00\x00\x00\x09v100..200"


def fields_of(data: bytes) -> list[list[str]]:
    """The frames in these bytes, read by our own reader."""
    return FrameReader().feed(GREETING + data)[1:]  # type: ignore[return-value]


class _Wire:
    """Takes the place of a connected socket."""

    def __init__(self) -> None:
        self.sent = b""

    def sendMsg(self, data: bytes) -> None:
        self.sent += data

    def isConnected(self) -> bool:
        return True


class Calls:
    """A wrapper that takes every call and remembers it."""

    def __init__(self) -> None:
        self.made: list[tuple[str, tuple[Any, ...]]] = []

    def __getattr__(self, name: str) -> Callable[..., None]:
        if name.startswith("_"):
            raise AttributeError(name)
        return lambda *given: self.made.append((name, given))


class _Complaints(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.heard: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.heard.append(record.getMessage())


class _Walked(list[bytes]):
    """Fields that know how many of them nobody read."""

    walk: Iterator[bytes] | None = None

    def __iter__(self) -> Iterator[bytes]:
        self.walk = super().__iter__()
        return self.walk

    @property
    def unread(self) -> list[bytes]:
        return list(self.walk) if self.walk is not None else []


def sent_by_insync(version: int, ask: Callable[[Any], object]) -> list[list[str]]:
    """The frames ib_insync writes when `ask` is called with its client."""
    from ib_insync.client import Client

    client, sent = Client(Calls()), []
    client.connState, client._serverVersion = Client.CONNECTED, version
    client.sendMsg = lambda text: sent.append(text)  # type: ignore[method-assign]
    ask(client)
    return fields_of(b"".join(client._prefix(text.encode()) for text in sent))


def sent_by_official(version: int, ask: Callable[[Any], object]) -> list[list[str]]:
    """The frames the official client writes when `ask` is called with it."""
    from ibapi.client import EClient

    calls = Calls()
    client = EClient(calls)
    client.conn, client.serverVersion_, client.connState = _Wire(), version, EClient.CONNECTED
    ask(client)
    assert calls.made == [], "the client refused its own request"
    return fields_of(client.conn.sent)


def understood_by_insync(version: int, fields: list[str]) -> list[tuple[str, tuple[Any, ...]]]:
    """The calls ib_insync's decoder makes of an answer; it must not complain."""
    from ib_insync.decoder import Decoder

    calls, complaints = Calls(), _Complaints()
    calls.__dict__["ib"] = type("Ib", (), {"TimezoneTWS": None})
    decoder = Decoder(calls, version)  # type: ignore[arg-type]
    decoder.logger.addHandler(complaints)
    try:
        decoder.interpret(over_the_wire(fields))
    finally:
        decoder.logger.removeHandler(complaints)
    assert complaints.heard == []
    return calls.made


def understood_by_official(version: int, fields: list[str]) -> list[tuple[str, tuple[Any, ...]]]:
    """The calls the official decoder makes of an answer; it must read it to the last field."""
    from ibapi.decoder import Decoder

    calls, complaints = Calls(), _Complaints()
    walked = _Walked(field.encode() for field in over_the_wire(fields)[1:])
    logger = logging.getLogger("ibapi.decoder")
    logger.addHandler(complaints)
    try:
        Decoder(calls, version).interpret(walked, int(fields[0]))
    finally:
        logger.removeHandler(complaints)
    assert complaints.heard == []
    assert walked.unread == []
    return calls.made


def over_the_wire(fields: list[str]) -> list[str]:
    (received,) = fields_of(encode(fields))
    return received
