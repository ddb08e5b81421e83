"""The control door: JSON over HTTP on the loopback interface, with a token, only when asked for.

`POST /VERB` with a JSON object of arguments, or `POST /` with a line of text as `{"line": "fault hold ..."}`.
"""

import asyncio
import contextlib
import hmac
import json
from collections.abc import Callable
from typing import Any

import h11

from apps.simgateway.phrases import read_turn

LOOPBACK = "127.0.0.1"
_LARGEST_BODY = 1 << 20
_PATIENCE = 30.0

Turned = Callable[[str, dict[str, Any]], dict[str, Any]]
Answer = tuple[int, dict[str, Any]]


class ControlDoor:
    """Listens, checks the token, and hands each turn to the server."""

    def __init__(self, turn: Turned, token: str) -> None:
        self._turn = turn
        self._token = token
        self._listener: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()

    async def listen(self, port: int) -> int:
        self._listener = await asyncio.start_server(self._serve, LOOPBACK, port)
        bound: int = self._listener.sockets[0].getsockname()[1]
        return bound

    async def stop(self) -> None:
        if self._listener is None:
            return
        self._listener.close()
        for writer in list(self._open):
            writer.close()
        await self._listener.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        try:
            await self._talk(reader, writer)
        except (h11.ProtocolError, ConnectionError, TimeoutError):
            self._send(writer, h11.Connection(h11.SERVER), (400, {"error": "that was no HTTP request"}))
        finally:
            self._open.discard(writer)
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One request, one answer, and the connection is closed."""
        http = h11.Connection(h11.SERVER)
        request: h11.Request | None = None
        body = bytearray()
        while True:
            event = http.next_event()
            if event is h11.NEED_DATA:
                http.receive_data(await asyncio.wait_for(reader.read(65_536), _PATIENCE))
            elif isinstance(event, h11.Request):
                request = event
            elif isinstance(event, h11.Data):
                body += event.data
                if len(body) > _LARGEST_BODY:
                    raise h11.RemoteProtocolError("too large")
            else:
                break
        if request is not None:
            self._send(writer, http, self._answer(request, bytes(body)))
            await writer.drain()

    def _answer(self, request: h11.Request, body: bytes) -> Answer:
        headers = dict(request.headers)
        if not hmac.compare_digest(headers.get(b"authorization", b""), f"Bearer {self._token}".encode()):
            return 401, {"error": "the control door needs its token: Authorization: Bearer TOKEN"}
        if request.method != b"POST":
            return 405, {"error": "the control door takes POST /VERB"}
        try:
            verb, args = _asked(request.target.decode(), body)
            return 200, self._turn(verb, args)
        except ValueError as error:
            return 400, {"error": str(error)}

    def _send(self, writer: asyncio.StreamWriter, http: h11.Connection, answer: Answer) -> None:
        if writer.is_closing():
            return
        status, content = answer
        text = json.dumps(content, default=str).encode()
        headers = [
            ("content-type", "application/json"),
            ("content-length", str(len(text))),
            ("connection", "close"),
        ]
        head = http.send(h11.Response(status_code=status, headers=headers)) or b""
        writer.write(head + (http.send(h11.Data(data=text)) or b"") + (http.send(h11.EndOfMessage()) or b""))


def _asked(target: str, body: bytes) -> tuple[str, dict[str, Any]]:
    """The verb and its arguments; ValueError when the body is not understood."""
    content = json.loads(body) if body else {}
    if not isinstance(content, dict):
        raise ValueError("the body must be a JSON object")
    verb = target.strip("/")
    if verb:
        return verb, content
    turn = read_turn(str(content.get("line", "")))
    return turn.verb, turn.args
