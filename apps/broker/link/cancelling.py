"""Writes the cancels that somebody asked for. They have an allowance of their own and pass before orders."""

import asyncio
import time

import structlog

from apps.broker.actions.ask_cancel import mark_asked
from apps.broker.ib.connection import NotWritten
from apps.broker.link.databasethread import DatabaseLost
from apps.broker.link.link import Link
from apps.broker.queries import asks_to_send
from apps.journal import clock

log = structlog.get_logger(__name__)

POLL_SECONDS = 0.25


async def cancel_for_ever(link: Link) -> None:
    while True:
        try:
            await send_cancels(link)
        except DatabaseLost as lost:
            log.warning("cancels_wait_for_database", error=str(lost))
        await asyncio.sleep(POLL_SECONDS)


async def send_cancels(link: Link) -> None:
    """A cancel needs an open socket and nothing else: not readiness, not a fresh quote, not a phase."""
    if not link.broker.is_open or link.session is None:
        return
    for ask in await link.db.run(lambda: list(asks_to_send(link.gateway.pk))):
        while (wait := link.pace.wait_for_cancel(time.monotonic())) > 0:
            await asyncio.sleep(wait)
        if not link.broker.is_open:
            return
        order_id = ask.order_id_asked
        await link.db.run(mark_asked, ask.pk, session_id=link.living.pk, now=clock.now())
        try:
            link.broker.cancel(order_id)
        except NotWritten as why:
            log.warning("cancel_not_written", order_id=order_id, why=str(why))
            return
        link.pace.note_message(time.monotonic())
