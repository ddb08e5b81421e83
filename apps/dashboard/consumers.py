"""The socket of one open screen. It only ever tells: no message from a browser does anything."""

import asyncio
import contextlib
from typing import Any
from urllib.parse import parse_qs

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncJsonWebsocketConsumer

from apps.dashboard.feed import GROUP, cells_group, feed, server_milliseconds
from apps.desks.queries import account_code
from apps.journal import clock
from apps.operators.queries import Login, login_of, standing_logins

HEARTBEAT_SECONDS = 2.0
NOT_ALLOWED = 4401


class FeedConsumer(AsyncJsonWebsocketConsumer):
    """It shows one account's figures, which the page names; whose it may not be is not let in."""

    _beating: asyncio.Task[None] | None = None
    _account: int | None = None

    async def connect(self) -> None:
        login = await self._let_in()
        if login is None:
            await self.close(code=NOT_ALLOWED)
            return
        await self.accept()
        feed.open(self.channel_name, login, self._account)
        await self._join()
        await self._say("hello", versions=feed.versions.of)
        self._beating = asyncio.create_task(self._beat())

    async def disconnect(self, code: int) -> None:
        if self._beating is None:
            return
        feed.shut(self.channel_name)
        self._beating.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._beating
        for group in self._groups():
            await self.channel_layer.group_discard(group, self.channel_name)

    def _groups(self) -> list[str]:
        return [GROUP] if self._account is None else [GROUP, cells_group(self._account)]

    async def _join(self) -> None:
        for group in self._groups():
            await self.channel_layer.group_add(group, self.channel_name)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """What a browser says is not even read."""

    async def _beat(self) -> None:
        """Every beat carries all versions, so that a lost hint costs two seconds."""
        while True:
            await asyncio.sleep(HEARTBEAT_SECONDS)
            # the group forgets its members after a day; a tab may stay open for longer
            await self._join()
            await self._say("beat", versions=feed.versions.of)

    async def feed_leave(self, message: dict[str, Any]) -> None:
        """The guard of the feed found that this login stands no longer."""
        await self._say("bye")
        await self.close(code=NOT_ALLOWED)

    async def feed_hint(self, message: dict[str, Any]) -> None:
        await self._say("hint", versions=message["versions"])

    async def feed_cells(self, message: dict[str, Any]) -> None:
        await self._say("cells", cells=message["cells"])

    async def _say(self, kind: str, **more: Any) -> None:
        await self.send_json({"type": kind, "now": server_milliseconds(), "speed": clock.speed(), **more})

    @database_sync_to_async
    def _let_in(self) -> Login | None:
        asked = parse_qs(self.scope.get("query_string", b"").decode()).get("account", [""])[0]
        code = account_code(int(asked)) if asked.isdecimal() else ""
        if code is None:
            return None
        self._account = int(asked) if code else None
        login = login_of(self.scope.get("session"), self.scope.get("user"), code)
        return login if login is not None and standing_logins([login]) else None
