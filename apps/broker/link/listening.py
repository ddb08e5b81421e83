"""A journal line wakes the link; what it says is read from the tables."""

import asyncio
import contextlib

import psycopg
from django.db import connection

from apps.broker.link.link import Link
from apps.broker.ports import REREAD

RETRY_SECONDS = 1.0
OURS = ("orders", "review", "cancels")
STOPS = ("cancels", "risk")


async def listen_for_ever(link: Link) -> None:
    parameters = await link.db.run(connection.get_connection_params)
    for name in ("cursor_factory", "context", "prepare_threshold"):
        parameters.pop(name, None)
    while True:
        with contextlib.suppress(psycopg.Error):
            async with await psycopg.AsyncConnection.connect(**parameters, autocommit=True) as ear:
                await ear.execute("LISTEN journal")
                async for notice in ear.notifies():
                    if any(topic in notice.payload for topic in OURS):
                        link.wake.set()
                    if any(topic in notice.payload for topic in STOPS):
                        link.recall.set()
                    if REREAD in notice.payload:
                        link.resync.set()
                        link.reread.set()
        await asyncio.sleep(RETRY_SECONDS)
