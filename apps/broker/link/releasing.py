"""Releases windows at their deadlines, counted by the database's clock and checked against our own.

A countdown is a promise to whoever watches it. So a clock that jumps is not argued with: trading is halted
and every window goes back to people. And a link that comes late leaves the decision to them.
"""

import asyncio
import time
from datetime import datetime

import structlog

from apps.approvals.queries import windows_running
from apps.broker.link.databasethread import DatabaseLost
from apps.broker.link.link import Link
from apps.journal import clock
from apps.journal.database_clock import desk_time, told_time
from apps.journal.ports import Actor
from apps.risk.actions.set_stop import set_stop
from tradingdesk.domain.approvals import Tick, jump_between, jumped
from tradingdesk.domain.approvals.windows import WAITS

log = structlog.get_logger(__name__)

POLL_SECONDS, AGAIN_SECONDS, LEAST_SECONDS = 0.5, 0.1, 0.002
LINK = Actor("link", "link")


async def release_for_ever(link: Link) -> None:
    """Sleeps until the next deadline, half a second at most: windows are held, hurried and cancelled."""
    while True:
        try:
            pause = await release_due_windows(link)
        except DatabaseLost as lost:
            log.warning("windows_wait_for_database", error=str(lost))
            pause = AGAIN_SECONDS
        await asyncio.sleep(pause)


async def release_due_windows(link: Link) -> float:
    """Once around; how long to sleep until there is something to do."""
    tick, deadlines = await link.deadlines.run(read_windows, link.gateway.pk)
    away = bool(deadlines) and jumped(link.clock_tick, tick)
    if away and link.clock_tick is not None:
        await link.deadlines.run(halt_for_clock, jump_between(link.clock_tick, tick).total_seconds())
    link.clock_tick = tick
    now = desk_time(tick.told)
    pause = POLL_SECONDS
    for number, deadline in deadlines:
        left = 0.0 if deadline is None else (deadline - now).total_seconds() / (clock.speed() or 1.0)
        if left > 0 and not away:
            pause = min(pause, max(left - (time.monotonic() - tick.after), LEAST_SECONDS))
            continue
        pause = min(pause, await _ask(link, number, away))
    return pause


async def _ask(link: Link, number: int, away: bool) -> float:
    began = time.monotonic()
    problem = await link.deadlines.run(
        link.doors.release, number, link_ready=link.may_send(), clock_jumped=away
    )
    if problem is None:
        log.info("window_released", window=number, took_ms=round(1000 * (time.monotonic() - began), 1))
        link.wake.set()
        return LEAST_SECONDS
    if problem.code not in WAITS:
        log.warning("window_not_released", window=number, code=problem.code, why=problem.text)
    return AGAIN_SECONDS


def read_windows(gateway_id: int) -> tuple[Tick, list[tuple[int, datetime | None]]]:
    """The two clocks side by side, and what counts by them."""
    before = time.monotonic()
    told = told_time()
    tick = Tick(told=told, before=before, after=time.monotonic())
    running = windows_running(gateway_id).filter(send_at__isnull=False)
    return tick, list(running.values_list("pk", "send_at"))


def halt_for_clock(seconds: float) -> None:
    """Nobody can say what a deadline means any more; a person finds out why before anything is sent."""
    why = f"the database's clock jumped by {seconds:+.1f} s against the machine's own"
    log.error("clock_jumped", seconds=seconds)
    set_stop("HALTED", actor=LINK, reason=why)
