"""Writes the cancels that somebody asked for. They have an allowance of their own and pass before orders."""

import asyncio
import contextlib
import time
from datetime import datetime

import structlog

from apps.broker.actions.ask_cancel import doubt_asks, mark_asked, mark_not_asked, refuse_ask
from apps.broker.link.databasethread import DatabaseLost
from apps.broker.link.link import Link
from apps.broker.models import Ask
from apps.broker.ports import NotWritten
from apps.broker.queries import asks_to_send, unanswered
from apps.journal import clock
from tradingdesk.domain.money import Reason

log = structlog.get_logger(__name__)

POLL_SECONDS = 0.25


async def cancel_for_ever(link: Link) -> None:
    while True:
        try:
            await send_cancels(link)
        except DatabaseLost as lost:
            log.warning("cancels_wait_for_database", error=str(lost))
            await asyncio.sleep(POLL_SECONDS)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(link.recall.wait(), POLL_SECONDS)
        link.recall.clear()


def _not_ours(client_id: int) -> Reason:
    """Its order id is a number of another client; under ours it may name another order."""
    where = f"client {client_id}" if client_id else "the workstation"
    return Reason("ORDER_OF_ANOTHER_CLIENT", f"only {where} can cancel this order")


async def send_cancels(link: Link) -> None:
    """A cancel needs an open socket and nothing else: not readiness, not a fresh quote, not a phase."""
    if not link.broker.is_open or link.session is None:
        return
    began = link.living.opened_at
    await _doubt_dropped(link)
    asks = await link.db.run(_asks, link.gateway.pk, began)
    others = [one for one in asks if one.order is not None and one.order.client_id != link.gateway.client_id]
    ours = [one for one in asks if one not in others]
    if ours:
        await _send(link, ours)
    for ask in others:  # afterwards: what cannot be done here must not hold up what can
        if ask.order is not None:
            await link.db.run(refuse_ask, ask.pk, _not_ours(ask.order.client_id))


def _asks(gateway_id: int, began: datetime) -> list[Ask]:
    return list(asks_to_send(gateway_id, session_began=began)) if unanswered() else []


async def _doubt_dropped(link: Link) -> None:
    """A gateway that was spoken to too fast drops what is too much; a cancel does no harm twice."""
    if link.cancels_doubted_at is None or time.monotonic() < link.cancels_doubted_at:
        return
    again = await link.db.run(doubt_asks, link.gateway.pk, clock.now())
    link.cancels_doubted_at = None
    if again:
        log.warning("cancels_sent_again", asks=again)


async def _send(link: Link, asks: list[Ask]) -> None:
    """Marked in one transaction, then written as fast as the gateway lets us, without asking the database.

    What certainly was not written is unmarked; what a dead process has marked, the next session sends again.
    """
    await link.db.run(mark_asked, [ask.pk for ask in asks], session_id=link.living.pk, now=clock.now())
    for place, ask in enumerate(asks):
        while (wait := link.pace.wait_for_cancel(time.monotonic())) > 0:
            await asyncio.sleep(wait)
        try:
            link.broker.cancel(ask.order_id_asked)
        except NotWritten as why:
            log.warning("cancel_not_written", order_id=ask.order_id_asked, why=str(why))
            await link.db.run(mark_not_asked, [one.pk for one in asks[place:]])
            return
        link.pace.note_message(time.monotonic())
