"""`run_broker_link`: hold the lease, live one session after the other, never give up."""

import asyncio
import contextlib
import signal
from collections.abc import Awaitable, Callable, Sequence

import structlog

from apps.broker.actions.open_session import close_session
from apps.broker.actions.take_lease import LeaseHeld, release_lease, take_lease
from apps.broker.link.answering import answer_for_ever
from apps.broker.link.cancelling import cancel_for_ever
from apps.broker.link.databasethread import DatabaseLost
from apps.broker.link.hearing import hear_for_ever
from apps.broker.link.link import Link
from apps.broker.link.listening import listen_for_ever
from apps.broker.link.opening import become_ready, open_link
from apps.broker.link.quoting import quote_for_ever, watch_for_ever
from apps.broker.link.refusals import NotReady
from apps.broker.link.releasing import release_for_ever
from apps.broker.link.sending import send_for_ever
from apps.broker.link.stopping import finish_stops_for_ever
from apps.broker.link.sweeping import mark_silent_for_ever, sweep_books_for_ever, sweep_orders_for_ever
from apps.broker.link.watching import beat_for_ever, probe_for_ever, watch_lag_for_ever

log = structlog.get_logger(__name__)

PAUSES = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0)  # seconds before the next attempt; the last one repeats
LEASE_SECONDS = 1.0
CANCEL_SECONDS = 1.0

Chore = Callable[[Link], Awaitable[None]]
LIFELONG: tuple[Chore, ...] = (beat_for_ever, watch_lag_for_ever, listen_for_ever, release_for_ever)
LISTENING: tuple[Chore, ...] = (hear_for_ever, cancel_for_ever, finish_stops_for_ever)
READY: tuple[Chore, ...] = (
    send_for_ever,
    sweep_orders_for_ever,
    sweep_books_for_ever,
    mark_silent_for_ever,
    probe_for_ever,
    quote_for_ever,
    watch_for_ever,
    answer_for_ever,
)


async def run_link(link: Link) -> None:
    """Until it is told to stop, or another link takes the lease."""
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    while not stopping.is_set():
        await _hold_lease(link, stopping)
        if not stopping.is_set():
            await _reign(link, stopping)
    with contextlib.suppress(DatabaseLost):
        await link.db.run(release_lease, link.gateway.pk, link.epoch)
    link.db.stop()
    link.deadlines.stop()


async def _reign(link: Link, stopping: asyncio.Event) -> None:
    """One epoch: until we are told to stop, or another link has taken the lease."""
    link.deposed = False
    async with _running(link, LIFELONG):
        attempt = 0
        while not stopping.is_set() and not link.deposed:
            lived = await _live(link, stopping)
            attempt = 0 if lived else attempt + 1
            await _pause(stopping, PAUSES[min(attempt, len(PAUSES) - 1)])


async def _hold_lease(link: Link, stopping: asyncio.Event) -> None:
    while not stopping.is_set():
        try:
            link.epoch = await link.db.run(take_lease, link.gateway, link.holder)
            return
        except LeaseHeld as held:
            log.info("standing_by", why=str(held))
        except DatabaseLost as lost:
            log.warning("no_database", error=str(lost))
        await _pause(stopping, LEASE_SECONDS)


async def _live(link: Link, stopping: asyncio.Event) -> bool:
    """One life of the socket. True when it became ready."""
    was_ready = False
    try:
        await open_link(link)
        async with _running(link, LISTENING):
            await become_ready(link)
            was_ready = True
            async with _running(link, READY):
                await _first(link.lost, stopping)
    except NotReady as why:
        link.not_ready(why.code, why.why)
        log.warning("not_ready", code=why.code, why=why.why)
    except DatabaseLost as lost:
        link.not_ready("DATABASE_LOST", str(lost))
        log.error("database_lost", error=str(lost))
    except ConnectionError as lost:
        link.not_ready("SOCKET_CLOSED", str(lost))
        log.warning("socket_closed", why=str(lost))
    finally:
        await _close(link)
    return was_ready


async def _close(link: Link) -> None:
    why = link.why_lost or link.not_ready_why or "told to stop"
    code = "SOCKET_CLOSED" if link.why_lost or not link.not_ready_code else link.not_ready_code
    link.ready = False
    link.broker.close()
    if link.session is not None:
        with contextlib.suppress(DatabaseLost):
            await link.db.run(close_session, link.session, why, holder=link.holder, code=code)


@contextlib.asynccontextmanager
async def _running(link: Link, chores: tuple[Chore, ...]):  # type: ignore[no-untyped-def]
    """The chores run beside what happens inside; one that breaks loses the session, loudly."""
    tasks = [asyncio.create_task(_chore(link, chore)) for chore in chores]
    try:
        yield
    finally:
        await _end(tasks)


async def _end(tasks: Sequence[asyncio.Task[None]]) -> None:
    """A cancel can be swallowed by whatever ends in the same moment: a chore is told until it has ended."""
    left = set(tasks)
    while left:
        for task in left:
            task.cancel()
        _, left = await asyncio.wait(left, timeout=CANCEL_SECONDS)


async def _chore(link: Link, chore: Chore) -> None:
    """A lifelong chore begins again after it broke: without it nobody would hear that the link lives."""
    while True:
        try:
            await chore(link)
        except asyncio.CancelledError:
            raise
        except Exception as broken:
            log.exception("chore_broken", chore=chore.__name__)
            link.lose(f"{chore.__name__} broke: {broken!r}")
        if chore not in LIFELONG:
            return
        await asyncio.sleep(LEASE_SECONDS)


async def _first(*events: asyncio.Event) -> None:
    tasks = [asyncio.create_task(event.wait()) for event in events]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()


async def _pause(stopping: asyncio.Event, seconds: float) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await stopping.wait()
