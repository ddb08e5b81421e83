"""Drives a stop to its end while there is a socket, and reads the books it needs."""

import asyncio

import structlog

from apps.broker.link.databasethread import DatabaseLost
from apps.broker.link.link import Link
from apps.broker.link.snapshots import read_books
from apps.journal import clock

log = structlog.get_logger(__name__)

POLL_SECONDS = 0.25


async def finish_stops_for_ever(link: Link) -> None:
    """A stop that nobody has finished, from this life or an earlier one, is finished here."""
    books_at = None
    while True:
        try:
            wanted = await link.db.run(link.doors.finish_stops, link.gateway.pk, books_at)
            if wanted and link.may_send():
                began = clock.now()  # what the broker says is as old as the question
                missing = await read_books(link)
                books_at = None if missing else began
                if missing:
                    log.warning("books_not_read_for_stop", request=missing.request, why=missing.why)
        except DatabaseLost as lost:
            log.warning("stop_waits_for_database", error=str(lost))
        await asyncio.sleep(POLL_SECONDS)
