"""Claims what was released and writes it, one bracket at a time, each order once.

What comes next is asked of the tables after each bracket: a stop, a cancel or a plan with an earlier cut-off
that came meanwhile is seen before the next one.
"""

import asyncio
import contextlib
import time
from typing import Any

import structlog

from apps.broker import crash
from apps.broker.actions.claim_bracket import Claim, Held, claim_bracket
from apps.broker.actions.claim_close import claim_close
from apps.broker.actions.give_up_unwritten import give_up_unwritten
from apps.broker.actions.hold_released import hold_released
from apps.broker.actions.mark_sending import mark_sending, mark_written
from apps.broker.actions.recover_intents import lapse_claim, take_back_claims
from apps.broker.link.databasethread import DatabaseLost
from apps.broker.link.link import Link
from apps.broker.ports import NotWritten, Placement
from apps.broker.queries import next_released
from apps.journal import clock
from tradingdesk.domain.tickets.references import is_close

log = structlog.get_logger(__name__)

POLL_SECONDS = 1.0
CANARY_SECONDS = 6.0
RECALL_SECONDS = 0.5
LOOK_IS_GOOD_FOR = 2.0  # seconds from the last look to the write; a loop that slept longer looks again


async def send_for_ever(link: Link) -> None:
    """NOTIFY wakes; a second's poll stands behind it."""
    while True:
        link.wake.clear()
        await send_released(link)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(POLL_SECONDS):
                await link.wake.wait()


async def send_released(link: Link) -> None:
    try:
        tried = set(link.set_aside)
        while link.may_send():
            if (restart := link.restart_problem()) is not None:
                await link.db.run(hold_released, link.gateway.pk, restart)
                return
            bracket = await link.db.run(next_released, link.gateway.pk, tried)
            if bracket is None:
                return
            tried.add(bracket)
            await _send_bracket(link, bracket)
            crash.point("between_brackets")
    except DatabaseLost as lost:
        # A commit may or may not have happened; without its answer nothing was written. The socket stays.
        log.error("claim_uncertain", error=str(lost))
        link.database_away()
        await _recall_claims(link)


async def _recall_claims(link: Link) -> None:
    """Wait for the database, read what it kept of our claim, and take that back: nothing was written."""
    while True:
        await asyncio.sleep(RECALL_SECONDS)
        try:
            taken_back = await link.db.run(take_back_claims, link.living, clock.now())
        except DatabaseLost:
            continue
        log.warning("claims_recalled", may_be_claimed_again=taken_back)
        return


async def _send_bracket(link: Link, bracket: str) -> None:
    crash.point("before_claim")
    claim = await _claim(link, bracket)
    if not isinstance(claim, Claim):
        return
    crash.point("after_claim")
    await _pace(link, len(claim.placements))
    for written, (intent_id, placement) in enumerate(zip(claim.intents, claim.placements, strict=True)):
        if not await _send_one(link, claim, intent_id, placement):
            await _give_up(link, claim, written)
            return
    await _canary(link)


async def _claim(link: Link, bracket: str) -> Claim | Held | None:
    """A claim that breaks is a fault of ours: this bracket waits for a person, the others go on."""
    try:
        return await link.db.run(claim_for, link, bracket)
    except DatabaseLost:
        raise
    except Exception:
        log.exception("claim_broken", bracket=bracket)
        link.set_aside.add(bracket)
        return None


def claim_for(link: Link, bracket: str) -> Claim | Held | None:
    """In the database's thread: a plan's bracket under its approval, a close under its stop."""
    who: dict[str, Any] = {
        "session": link.living,
        "epoch": link.epoch,
        "now": clock.now(),
        "instance": link.instance,
    }
    if is_close(bracket):
        return claim_close(bracket, position=link.doors.held(bracket), **who)
    return claim_bracket(bracket, judge=link.doors.judge, **who)


async def _send_one(link: Link, claim: Claim, intent_id: int, placement: Placement) -> bool:
    """Mark, then write. False: it was not written, and the mark says so."""
    asked_at = time.monotonic()
    problem = await link.db.run(
        mark_sending,
        intent_id,
        claim,
        session=link.living,
        epoch=link.epoch,
        ready=link.may_send(),
        market=link.doors.market,
        restart=link.restart_problem(),
    )
    if problem is not None:
        log.warning("not_sent", order=placement.order_ref, code=problem.code, why=problem.text)
        return False
    crash.point("after_sending")
    try:
        if not link.may_send() or (looked := time.monotonic() - asked_at) > LOOK_IS_GOOD_FOR:
            raise NotWritten("the link may not send" if not link.may_send() else f"looked {looked:.1f} s ago")
        link.broker.place(placement)
    except NotWritten as why:
        log.warning("not_written", order=placement.order_ref, why=str(why))
        # shielded: when this link is being taken down, it is still the only one that knows
        await asyncio.shield(
            link.db.run(give_up_unwritten, intent_id, claim.intents, session_id=link.living.pk, why=str(why))
        )
        return False
    link.pace.note_order(time.monotonic())
    link.sent_ids.add(placement.order_id)
    crash.point("after_write" if placement.transmit else "after_first_write")
    await link.db.run(mark_written, intent_id)
    return True


async def _give_up(link: Link, claim: Claim, written: int) -> None:
    """The rest of the bracket is taken back, and what was written without being transmitted is cancelled."""
    log.warning("bracket_given_up", bracket=claim.bracket, written=written)
    await link.db.run(lapse_claim, claim.intents, clock.now())


async def _pace(link: Link, count: int) -> None:
    while (wait := link.pace.wait_for_order(time.monotonic(), count)) > 0:
        await asyncio.sleep(wait)


async def _canary(link: Link) -> None:
    """The first bracket after a connect travels alone; the rest wait until the broker has answered it."""
    until = time.monotonic() + CANARY_SECONDS
    while not link.acked_since_ready and link.may_send() and time.monotonic() < until:
        await asyncio.sleep(0.02)
