"""What every part of the connection has: the library's client, our ear, and numbers for requests."""

import itertools
from collections.abc import Callable
from typing import Any

from apps.broker.ib.ear import Ear
from apps.broker.ib.hears.listener import FIRST_REQUEST
from apps.broker.ib.library import Client
from apps.broker.ports import Answer, NotWritten

QUICK, SLOW = 5.0, 20.0  # seconds to wait for an answer: of one row, of a list


class Speaker:
    def __init__(self) -> None:
        self._ear = Ear()
        self._client = Client(self._ear)
        self._numbers = itertools.count(FIRST_REQUEST)
        self._watched: dict[int, int] = {}  # con_id → request
        _listen_to_raw(self._client, self._ear)

    @property
    def is_open(self) -> bool:
        return bool(self._client.isReady())

    async def _list(self, key: int | str, send: Callable[[], None], *, timeout: float = SLOW) -> Answer[Any]:
        return await self._ear.questions.ask(key, send, timeout=timeout)

    def _write(self, send: Callable[[], None]) -> None:
        """The library keeps messages in memory when it throttles; ours is on the socket or not at all."""
        if not self.is_open or self._client._msgQ:
            raise NotWritten("the socket is not open" if not self.is_open else "the library is throttling")
        before = self._client.conn.numMsgSent
        send()
        if self._client._msgQ or self._client.conn.numMsgSent == before:
            self._client._msgQ.clear()
            raise NotWritten("the library kept the message in memory; it was taken back")


def _listen_to_raw(client: Any, ear: Ear) -> None:
    """Let the ear keep the raw fields of the message that is being decoded."""
    decode = client.decoder.interpret

    def interpret(fields: list[str]) -> None:
        ear.raw = tuple(fields)
        decode(fields)

    client.decoder.interpret = interpret
