"""One listener for each web process: it hears the journal and tells every open screen what to fetch again.

NOTIFY only wakes. The head of the journal is read once a second besides, so a lost notice costs a second.
What no journal line tells (a link that died, a quote that moved) is looked at on the same beat.
"""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field
from typing import Any

import psycopg
import structlog
from asgiref.sync import sync_to_async
from channels.layers import get_channel_layer
from django.db import Error, close_old_connections, connection

from apps.dashboard import pulse
from apps.desks.actions.beat import beat
from apps.journal import clock
from apps.journal.queries import head_sequence
from apps.operators.queries import Login, standing_logins

GROUP = "screens"
TOPICS = (
    "plans",
    "review",
    "orders",
    "fills",
    "positions",
    "books",
    "reconciliation",
    "risk",
    "link",
    "journal",
    "account",
    "seconds",
    "people",
    "alerts",
)
# what a journal line says beyond the topics: which of them it touches
ALSO = {"phases": ("plans", "review"), "everything": TOPICS, "cancels": ("orders",)}
BEAT_SECONDS = 1.0
QUOTE_SECONDS = 0.25
# what is written within this time of a hint goes with the next one
HINT_SECONDS = 0.1
# how often each open screen's login is asked for again: who is shut out is out within a second
GUARD_SECONDS = 0.4
RETRY_SECONDS = 2.0

log = structlog.get_logger(__name__)


@dataclass
class Versions:
    """The newest journal sequence each topic was touched by. Only equality matters to a screen."""

    head: int = 0
    bumps: int = 0
    of: dict[str, str] = field(default_factory=lambda: dict.fromkeys(TOPICS, "0"))

    def touch(self, topics: Iterable[str], sequence: int) -> dict[str, str]:
        self.head = max(self.head, sequence)
        self.bumps += 1
        changed = {topic: f"{self.head}.{self.bumps}" for topic in topics if topic in self.of}
        self.of.update(changed)
        return changed


@dataclass(frozen=True, slots=True)
class Screen:
    """An open page: who looks at it, and at which account."""

    login: Login
    account: int | None


class Feed:
    """Started with the web process, stopped with it."""

    def __init__(self) -> None:
        self.versions = Versions()
        self._screens: dict[str, Screen] = {}  # by the socket's channel
        self._pulse: dict[str, str] = {}
        self._cells: dict[int, dict[str, pulse.Cell]] = {}  # by account, as last told
        self._tasks: list[asyncio.Task[None]] = []
        self._head_before = 0
        self._told_at = 0.0
        self.hears = False

    @property
    def screens(self) -> int:
        return len(self._screens)

    def open(self, channel: str, login: Login, account: int | None) -> None:
        self._screens[channel] = Screen(login, account)

    def shut(self, channel: str) -> None:
        self._screens.pop(channel, None)

    async def start(self) -> None:
        self._tasks = [
            asyncio.create_task(self._listen()),
            asyncio.create_task(self._watch()),
            asyncio.create_task(self._tick()),
            asyncio.create_task(self._guard()),
        ]

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        for task in self._tasks:
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def _listen(self) -> None:
        while True:
            try:
                async with _listening() as ear:
                    self.hears = True
                    # whatever was written while nobody listened
                    self._head_before = await sync_to_async(_read_head)()
                    await self._tell(self.versions.touch(TOPICS, self._head_before))
                    while True:
                        await self._hear(ear)
            except (psycopg.Error, Error) as lost:
                self.hears = False
                log.warning("feed_listener_lost", error=str(lost))
                await asyncio.sleep(RETRY_SECONDS)

    async def _hear(self, ear: psycopg.AsyncConnection[tuple[object, ...]]) -> None:
        """All notices that lie there become one hint, and the first after a while goes at once."""
        topics: dict[str, None] = {}
        newest = 0
        await asyncio.sleep(max(0.0, self._told_at + HINT_SECONDS - time.monotonic()))
        async for notice in ear.notifies(timeout=BEAT_SECONDS, stop_after=1):
            sequence, _, told = notice.payload.partition(" ")
            newest = max(newest, int(sequence))
            for topic in told.split(","):
                topics.update(dict.fromkeys((topic, *ALSO.get(topic, ()), "journal")))
        if topics:
            await self._tell(self.versions.touch(topics, newest))

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(BEAT_SECONDS)
            try:
                await self._look()
            except Error as lost:
                log.warning("feed_watch_lost", error=str(lost))
                await asyncio.sleep(RETRY_SECONDS)

    async def _look(self) -> None:
        """What no notice told: a gap in the sequence, and states that change by growing old."""
        if self._head_before > self.versions.head:
            # a second ago the journal stood where no notice has brought us yet
            await self._tell(self.versions.touch(TOPICS, self._head_before))
        self._head_before = await sync_to_async(_read_head)()
        seen = await sync_to_async(_read_pulse)()
        changed = [topic for topic, value in seen.items() if self._pulse.get(topic) != value]
        self._pulse = seen
        if changed:
            await self._tell(self.versions.touch(changed, 0))

    async def _tell(self, versions: dict[str, str]) -> None:
        if versions:
            self._told_at = time.monotonic()
            await _send({"type": "feed.hint", "versions": versions})

    async def _guard(self) -> None:
        """Nothing is remembered of who may watch: the tables are asked for all screens at once."""
        while True:
            await asyncio.sleep(GUARD_SECONDS)
            if not self._screens:
                continue
            asked = {channel: screen.login for channel, screen in self._screens.items()}
            try:
                stand = await sync_to_async(_read_standing)(asked.values())
            except Error as lost:
                log.warning("feed_guard_lost", error=str(lost))
                await asyncio.sleep(RETRY_SECONDS)
                continue
            layer = get_channel_layer()
            for channel, login in asked.items():
                if login not in stand and layer is not None:
                    self.shut(channel)
                    await layer.send(channel, {"type": "feed.leave"})

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(QUOTE_SECONDS)
            shown = {screen.account for screen in self._screens.values() if screen.account is not None}
            try:
                cells = await sync_to_async(_read_cells)(shown)
            except Error as lost:
                log.warning("feed_cells_lost", error=str(lost))
                await asyncio.sleep(RETRY_SECONDS)
                continue
            before, self._cells = self._cells, cells
            for account, found in cells.items():
                known = before.get(account, {})
                changed = {name: value for name, value in found.items() if known.get(name) != value}
                if changed:
                    await _send({"type": "feed.cells", "cells": changed}, group=cells_group(account))


feed = Feed()


async def lifespan(scope: dict[str, object], receive: Any, send: Any) -> None:
    """The feed lives as long as the web process."""
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            await feed.start()
            await send({"type": "lifespan.startup.complete"})
        elif message["type"] == "lifespan.shutdown":
            await feed.stop()
            await send({"type": "lifespan.shutdown.complete"})
            return


def server_milliseconds() -> int:
    return int(clock.now().timestamp() * 1000)


@contextlib.asynccontextmanager
async def _listening() -> AsyncIterator[psycopg.AsyncConnection[tuple[object, ...]]]:
    parameters = {**connection.get_connection_params(), "autocommit": True}
    for ours in ("cursor_factory", "context", "prepare_threshold", "pool"):
        parameters.pop(ours, None)
    ear = await psycopg.AsyncConnection.connect(**parameters)
    try:
        await ear.execute("LISTEN journal")
        yield ear
    finally:
        await ear.close()


def cells_group(account: int) -> str:
    """The screens that show this account's figures."""
    return f"{GROUP}.{account}"


async def _send(message: dict[str, object], *, group: str = GROUP) -> None:
    layer = get_channel_layer()
    assert layer is not None, "CHANNEL_LAYERS is not set"
    await layer.group_send(group, message)


def _read_head() -> int:
    close_old_connections()
    return head_sequence()


def _read_standing(logins: Iterable[Login]) -> set[Login]:
    close_old_connections()
    return standing_logins(logins)


def _read_pulse() -> dict[str, str]:
    close_old_connections()
    beat("web")  # a countdown may only run out where somebody could have seen it
    return pulse.states()


def _read_cells(accounts: set[int]) -> dict[int, dict[str, pulse.Cell]]:
    if not accounts:
        return {}
    close_old_connections()
    return pulse.cells(accounts)
