"""Claims what was released and writes it, one bracket at a time, each order once."""

import asyncio
import time

import structlog

from apps.broker import crash
from apps.broker.actions.claim_bracket import Claim, claim_bracket
from apps.broker.actions.mark_sending import mark_sending, mark_written
from apps.broker.actions.recover_intents import lapse_claim
from apps.broker.ib.connection import NotWritten
from apps.broker.link.databasethread import DatabaseLost
from apps.broker.link.link import Link
from apps.broker.ports import Placement
from apps.broker.queries import released_brackets
from apps.journal import clock

log = structlog.get_logger(__name__)

POLL_SECONDS = 1.0
CANARY_SECONDS = 6.0


async def send_for_ever(link: Link) -> None:
    """NOTIFY wakes; a second's poll stands behind it."""
    while True:
        link.wake.clear()
        await send_released(link)
        try:
            await asyncio.wait_for(link.wake.wait(), POLL_SECONDS)
        except TimeoutError:
            continue


async def send_released(link: Link) -> None:
    try:
        if not link.may_send():
            return
        for bracket in await link.db.run(released_brackets, link.gateway.pk):
            if not link.may_send():
                return
            await _send_bracket(link, bracket)
            crash.point("between_brackets")
    except DatabaseLost as lost:
        # the commit may or may not have happened; nothing was written, and the next session lapses the claim
        log.error("claim_uncertain", error=str(lost))
        link.database_lost = True
        link.lose("the database was lost inside a claim")


async def _send_bracket(link: Link, bracket: str) -> None:
    crash.point("before_claim")
    claim = await link.db.run(
        claim_bracket,
        bracket,
        session=link.living,
        epoch=link.epoch,
        now=clock.now(),
        instance=link.instance,
        judge=link.doors.judge,
        market=link.doors.market,
    )
    if not isinstance(claim, Claim):
        return
    crash.point("after_claim")
    await _pace(link, len(claim.placements))
    for written, (intent_id, placement) in enumerate(zip(claim.intents, claim.placements, strict=True)):
        if not await _send_one(link, claim, intent_id, placement):
            await _give_up(link, claim, written)
            return
    await _canary(link)


async def _send_one(link: Link, claim: Claim, intent_id: int, placement: Placement) -> bool:
    """Mark, then write. False: it was not written, and the mark says so."""
    problem = await link.db.run(
        mark_sending,
        intent_id,
        claim,
        session=link.living,
        epoch=link.epoch,
        ready=link.may_send(),
        market=link.doors.market,
    )
    if problem is not None:
        log.warning("not_sent", order=placement.order_ref, code=problem.code, why=problem.text)
        return False
    crash.point("after_sending")
    if not link.may_send():
        return False  # marked, so it counts as unknown; silence will say so
    try:
        link.broker.place(placement)
    except NotWritten as why:
        log.warning("not_written", order=placement.order_ref, why=str(why))
        return False
    link.pace.note_order(time.monotonic())
    crash.point("after_write" if placement.transmit else "after_first_write")
    await link.db.run(mark_written, intent_id)
    return True


async def _give_up(link: Link, claim: Claim, written: int) -> None:
    """The rest of the bracket is taken back; what was written without being transmitted is cancelled."""
    await link.db.run(lapse_claim, claim.intents, clock.now())
    for placement in reversed(claim.placements[:written]):
        if link.broker.is_open:
            link.broker.cancel(placement.order_id)
            link.pace.note_message(time.monotonic())


async def _pace(link: Link, count: int) -> None:
    while (wait := link.pace.wait_for_order(time.monotonic(), count)) > 0:
        await asyncio.sleep(wait)


async def _canary(link: Link) -> None:
    """The first bracket after a connect travels alone; the rest wait until the broker has answered it."""
    until = time.monotonic() + CANARY_SECONDS
    while not link.acked_since_ready and link.may_send() and time.monotonic() < until:
        await asyncio.sleep(0.02)
