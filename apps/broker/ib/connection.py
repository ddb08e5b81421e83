"""One connection through the library's client. It implements `apps.broker.ports.Broker`."""

import asyncio
from collections.abc import Callable
from datetime import datetime

from apps.broker.ib.asks.books import BookSpeaker
from apps.broker.ib.asks.orders import OrderSpeaker
from apps.broker.ib.asks.quotes import QuoteSpeaker
from apps.broker.ib.asks.reference import ReferenceSpeaker
from apps.broker.ports import ClientIdTaken, Heard, Opened

CLIENT_ID_IN_USE = 326


class IbConnection(OrderSpeaker, BookSpeaker, ReferenceSpeaker, QuoteSpeaker):
    """One socket, one client id, one event loop."""

    @property
    def heard(self) -> Callable[[Heard], None]:
        return self._ear.heard

    @heard.setter
    def heard(self, listener: Callable[[Heard], None]) -> None:
        self._ear.heard = listener

    @property
    def closed(self) -> Callable[[str], None]:
        return self._ear.closed

    @closed.setter
    def closed(self, listener: Callable[[str], None]) -> None:
        self._ear.closed = listener

    @property
    def last_heard_at(self) -> datetime | None:
        return self._ear.last_heard_at

    async def open(self, host: str, port: int, *, client_id: int, timeout: float) -> Opened:
        """Dial and shake hands. Nothing of an earlier life of the socket is believed to go on."""
        self._ear.refusal = None
        self._ear.gone.clear()
        self._ear.ticks.clear()
        self._watched.clear()
        try:
            await self._dial(host, port, client_id=client_id, timeout=timeout)
        except (OSError, TimeoutError) as failed:
            if self._ear.refusal and self._ear.refusal[0] == CLIENT_ID_IN_USE:
                raise ClientIdTaken(f"client id {client_id} is in use at {host}:{port}") from failed
            raise
        return Opened(
            server_version=self._client.serverVersion(),
            accounts=self._ear.accounts,
            next_valid_id=self._ear.next_valid_id,
        )

    async def _dial(self, host: str, port: int, *, client_id: int, timeout: float) -> None:
        """The library would wait out its whole timeout for a gateway that has hung up."""
        dialling = asyncio.ensure_future(self._client.connectAsync(host, port, client_id, timeout))
        gone = asyncio.ensure_future(self._ear.gone.wait())
        try:
            await asyncio.wait({dialling, gone}, return_when=asyncio.FIRST_COMPLETED)
            if not dialling.done():
                dialling.cancel()
                await asyncio.gather(dialling, return_exceptions=True)
                raise ConnectionError("the gateway hung up before the handshake was over")
            await dialling
        finally:
            gone.cancel()

    def close(self) -> None:
        self._client.disconnect()
