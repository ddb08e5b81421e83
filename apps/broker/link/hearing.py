"""The one writer: takes what was heard, in order, and stores it. While the database is away it keeps it."""

import asyncio
import time

import structlog

from apps.broker import crash
from apps.broker.actions.ask_cancel import close_asks
from apps.broker.actions.note_throttle import note_throttle
from apps.broker.actions.record_events import record_events, record_unread
from apps.broker.link.databasethread import DatabaseLost
from apps.broker.link.link import HEARD_AT_MOST, LINK_RESTORED, Link
from apps.broker.ports import Heard

log = structlog.get_logger(__name__)

AT_ONCE = 200
RETRY_SECONDS = 0.5
SUBSCRIBE_AGAIN = 1101
FARM_CODES = frozenset({2103, 2104, 2105, 2106, 2107, 2108, 2119, 2157, 2158})


async def hear_for_ever(link: Link) -> None:
    while True:
        await link.news.wait()
        link.news.clear()
        while link.heard:
            await _store(link, [link.heard[place] for place in range(min(AT_ONCE, len(link.heard)))])


async def drain(link: Link) -> None:
    """Everything heard so far is stored when this returns."""
    while link.heard:
        link.news.set()
        await asyncio.sleep(0.01)


async def _store(link: Link, batch: list[Heard]) -> None:
    _crash_points(batch)
    try:
        await _record(link, batch)
        await link.db.run(close_asks, batch[-1].at)
        await _tell_slowed(link)
    except DatabaseLost as lost:
        _keep(link, str(lost))
        await asyncio.sleep(RETRY_SECONDS)
        return
    for _ in batch:
        link.heard.popleft()
    link.database_back()
    for item in batch:
        _notice(link, item)
    link.wake.set()


async def _record(link: Link, batch: list[Heard]) -> None:
    """One thing that cannot be stored must not take the rest with it, and must not be forgotten."""
    try:
        await link.db.run(record_events, link.living, batch, book=link.doors.book)
    except DatabaseLost:
        raise
    except Exception as broken:
        if len(batch) > 1:
            for item in batch:
                await _record(link, [item])
            return
        log.exception("evidence_not_understood", kind=batch[0].kind)
        await link.db.run(record_unread, link.living, batch[0], repr(broken))
        link.not_ready("EVIDENCE_NOT_UNDERSTOOD", f"{batch[0].kind}: {broken!r}")


async def _tell_slowed(link: Link) -> None:
    """Once for each time at which the usual pace was left."""
    if link.slowed:
        pace = link.pace.used(time.monotonic())
        await link.db.run(note_throttle, link.living, pace, holder=link.holder)
        link.slowed = False
        log.warning("slowed", **pace)


def _crash_points(batch: list[Heard]) -> None:
    ours = [item for item in batch if item.order_ref.startswith("td-") and item.asked_at is None]
    if any(item.kind == "openOrder" for item in ours):
        crash.point("before_recording_ack")
    if any(item.kind == "execDetails" for item in ours):
        crash.point("before_recording_fill")


def _keep(link: Link, why: str) -> None:
    """Nothing is lost: the batch stays in memory and is tried again. Nothing new is sent meanwhile."""
    if not link.database_lost:
        log.error("database_lost", error=why, kept=len(link.heard))
    link.database_away()
    if len(link.heard) > HEARD_AT_MOST:
        link.lose(f"the database is away and {len(link.heard)} callbacks wait for it")
    link.news.set()


def _notice(link: Link, item: Heard) -> None:
    """Codes that change what the link itself may do."""
    if item.order_id in link.sent_ids:
        link.acked_since_ready = True
    if item.code in LINK_RESTORED:
        link.resync.set()
    if item.code == SUBSCRIBE_AGAIN:
        for ticks in link.ticks.values():
            link.broker.unwatch(ticks.con_id)
        link.ticks.clear()
    elif item.code in FARM_CODES:
        link.farms[item.body.get("text", "").rpartition(":")[2] or "?"] = str(item.code)
