"""The one writer: takes what was heard, in order, and stores it. While the database is away it keeps it."""

import asyncio

import structlog

from apps.broker import crash
from apps.broker.actions.ask_cancel import close_asks
from apps.broker.actions.record_events import record_events
from apps.broker.link.databasethread import DatabaseLost
from apps.broker.link.link import HEARD_AT_MOST, Link
from apps.broker.ports import Heard

log = structlog.get_logger(__name__)

AT_ONCE = 200
RETRY_SECONDS = 0.5
CONNECTIVITY = {1100: False, 1101: True, 1102: True}
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
    crash.point("before_recording")
    try:
        rows = await link.db.run(record_events, link.living, batch, book=link.doors.book)
        await link.db.run(close_asks, batch[-1].at)
    except DatabaseLost as lost:
        _keep(link, str(lost))
        await asyncio.sleep(RETRY_SECONDS)
        return
    for _ in batch:
        link.heard.popleft()
    if link.database_lost:
        link.database_lost = False
        link.resync.set()
    for item in batch:
        _notice(link, item)
    if any(row.intent_id for row in rows):
        link.acked_since_ready = True
    link.wake.set()


def _keep(link: Link, why: str) -> None:
    """Nothing is lost: the batch stays in memory and is tried again. Nothing new is sent meanwhile."""
    if not link.database_lost:
        log.error("database_lost", error=why, kept=len(link.heard))
    link.database_lost = True
    if len(link.heard) > HEARD_AT_MOST:
        link.lose(f"the database is away and {len(link.heard)} callbacks wait for it")
    link.news.set()


def _notice(link: Link, item: Heard) -> None:
    """Codes that change what the link itself may do."""
    if item.code in CONNECTIVITY:
        link.link_to_broker = CONNECTIVITY[item.code]
        if link.link_to_broker:
            link.resync.set()
        if item.code == 1101:
            link.ticks.clear()
    elif item.code in FARM_CODES:
        link.farms[item.body.get("text", "").rpartition(":")[2] or "?"] = str(item.code)
