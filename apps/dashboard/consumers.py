"""The socket of one open screen. It only ever tells: no message from a browser does anything."""

import asyncio
import contextlib
from typing import Any

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncJsonWebsocketConsumer

from apps.dashboard.feed import GROUP, feed, server_milliseconds
from apps.operators.queries import login_of, may_watch

HEARTBEAT_SECONDS = 2.0
NOT_ALLOWED = 4401


class FeedConsumer(AsyncJsonWebsocketConsumer):
    _beating: asyncio.Task[None] | None = None

    async def connect(self) -> None:
        if not await self._allowed():
            await self.close(code=NOT_ALLOWED)
            return
        await self.accept()
        login = login_of(self.scope.get("session"), self.scope.get("user"))
        if login is not None:
            feed.doors[self.channel_name] = login
        await self.channel_layer.group_add(GROUP, self.channel_name)
        feed.screens += 1
        await self._say("hello", versions=feed.versions.of)
        self._beating = asyncio.create_task(self._beat())

    async def disconnect(self, code: int) -> None:
        if self._beating is None:
            return
        feed.screens -= 1
        feed.doors.pop(self.channel_name, None)
        self._beating.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._beating
        await self.channel_layer.group_discard(GROUP, self.channel_name)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """What a browser says is not even read."""

    async def _beat(self) -> None:
        """Every beat carries all versions, so that a lost hint costs two seconds."""
        while True:
            await asyncio.sleep(HEARTBEAT_SECONDS)
            # the group forgets its members after a day; a tab may stay open for longer
            await self.channel_layer.group_add(GROUP, self.channel_name)
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
        await self.send_json({"type": kind, "now": server_milliseconds(), **more})

    @database_sync_to_async
    def _allowed(self) -> bool:
        return may_watch(self.scope.get("session"), self.scope.get("user"))
