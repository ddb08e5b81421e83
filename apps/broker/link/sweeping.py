"""Even when all looks well a stream can have lost something: everything is read again on a timer."""

import asyncio
import time
from collections.abc import Awaitable, Callable

import structlog

from apps.broker.actions.keep_lists import note_unread
from apps.broker.actions.mark_silent import mark_silent, remind_of_unknown
from apps.broker.link.databasethread import DatabaseLost
from apps.broker.link.link import Link
from apps.broker.link.refusals import NotReady, refuse_newer_broker
from apps.broker.link.snapshots import EVERYTHING, Missing, Seen, read_books, read_orders
from apps.broker.queries import in_doubt
from apps.journal import clock

log = structlog.get_logger(__name__)

AGAIN_SECONDS = 1.0
CUT_OFF = Missing(EVERYTHING, "the gateway has lost its connection to the broker")
ORDERS_SECONDS, BOOKS_SECONDS, UNKNOWN_SECONDS, SILENCE_SECONDS = 30.0, 60.0, 5.0, 0.5


async def sweep_orders_for_ever(link: Link) -> None:
    """Every 30 s; every 5 s while an order is unknown; at once after 1101, 1102 or an outage."""
    read_at, said = time.monotonic(), link.breaks
    while True:
        if not link.link_to_broker:
            if link.breaks != said:
                said = link.breaks
                await _say_unread(link, CUT_OFF)
            await asyncio.sleep(AGAIN_SECONDS)
            continue
        hurry = await _unknown_now(link)
        due = read_at + (UNKNOWN_SECONDS if hurry else ORDERS_SECONDS) - time.monotonic()
        if due > 0 and not await _within(link.resync, min(due, UNKNOWN_SECONDS)):
            continue
        link.resync.clear()
        read_at = time.monotonic()
        if await _swept(link, "orders", lambda: read_orders(link)) and not link.synced:
            link.synced = True
            link.wake.set()
            link.reread.set()
        if not link.synced:
            link.resync.set()
            await asyncio.sleep(AGAIN_SECONDS)


async def _unknown_now(link: Link) -> bool:
    try:
        return await link.db.run(in_doubt, link.gateway.pk)
    except DatabaseLost:
        return True


async def sweep_books_for_ever(link: Link) -> None:
    """Every 60 s, and after an outage as soon as the fills that it hid have been read."""
    while True:
        await _within(link.reread, BOOKS_SECONDS)
        link.reread.clear()
        if link.synced:
            await _swept(link, "books", lambda: read_books(link))


async def mark_silent_for_ever(link: Link) -> None:
    while True:
        await asyncio.sleep(SILENCE_SECONDS)
        try:
            silent = await link.db.run(mark_silent, link.gateway.pk, link.living.pk, clock.now())
            await link.db.run(remind_of_unknown, link.gateway.pk, link.living.pk, clock.now())
        except DatabaseLost:
            continue
        if silent:
            log.warning("placements_unanswered", intents=silent)
            link.resync.set()


async def _within(event: asyncio.Event, seconds: float) -> bool:
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return False
    return True


async def _swept(link: Link, what: str, read: Callable[[], Awaitable[object]]) -> bool:
    """A reading that failed changes nothing but what the desk says of itself. True when it was complete."""
    try:
        result = await read()
    except DatabaseLost as lost:
        log.warning("sweep_waits_for_database", what=what, error=str(lost))
        return False
    if isinstance(result, Missing):
        log.warning("sweep_incomplete", what=what, request=result.request, why=result.why)
        link.measures["sweep_failed_at"] = time.time()
        await _say_unread(link, result)
        return False
    if isinstance(result, Seen):
        await _refuse_strangers(link, result)
    return True


async def _say_unread(link: Link, missing: Missing) -> None:
    """Nobody may take the older lists for what the broker says now."""
    why = f"{missing.request}: {missing.why}"
    try:
        await link.db.run(note_unread, link.gateway.pk, missing.lists, why, clock.now())
    except DatabaseLost as lost:
        log.warning("sweep_waits_for_database", what="lists", error=str(lost))


async def _refuse_strangers(link: Link, seen: Seen) -> None:
    try:
        await refuse_newer_broker(link, seen)
    except NotReady as why:
        link.not_ready(why.code, why.why)
        link.lose(why.why)
    except DatabaseLost as lost:
        log.warning("sweep_waits_for_database", what="references", error=str(lost))
