"""The link watches its own lease, socket, loop and clock, and says every second that it lives."""

import asyncio
import os
import time
from typing import Any

import psutil
import structlog

from apps.broker.actions.take_lease import keep_lease
from apps.broker.link.databasethread import DatabaseLost
from apps.broker.link.link import Link
from apps.broker.models import LinkState
from apps.broker.ports import Known
from apps.broker.queries import restart_windows
from apps.journal import clock

log = structlog.get_logger(__name__)

BEAT_SECONDS, PROBE_SECONDS, LAG_SECONDS = 1.0, 2.0, 0.1
SILENT_SECONDS, DEAD_SECONDS = 6.0, 12.0  # of no byte at all, though we ask every two to seven seconds
LAG_WARN_MS, LAG_STOP_MS = 250.0, 2000.0


async def beat_for_ever(link: Link) -> None:
    """A beat that finds a newer epoch in the lease is the last one."""
    while True:
        try:
            if not await link.db.run(keep_lease, link.gateway.pk, link.epoch):
                link.deposed = True
                link.lose("another link holds the lease")
                await asyncio.Event().wait()  # the last beat was the one before
            link.windows = await link.db.run(restart_windows, link.gateway.pk)
            await link.db.run(write_state, link.gateway.pk, state_of(link))
            link.database_back()
        except DatabaseLost:
            link.database_away()
        await asyncio.sleep(BEAT_SECONDS)


def state_of(link: Link) -> dict[str, Any]:
    """What the link says of itself now."""
    session = link.session
    state, code, why = _word(link)
    return {
        "state": state,
        "reason_code": code,
        "reason": why,
        "session": session,
        "beat_at": clock.now(),
        "callback_at": link.broker.last_heard_at,
        "connected_at": session.opened_at if session else None,
        "round_trip_ms": link.measures.get("round_trip_ms"),
        "clock_skew_ms": link.measures.get("clock_skew_ms"),
        "loop_lag_ms": link.measures.get("loop_lag_ms"),
        "server_version": session.server_version if session else None,
        "client_ids": [link.gateway.client_id],
        "farms": dict(link.farms),
        "pacing": link.pace.used(time.monotonic()),
        "pid": os.getpid(),
        "memory_mb": round(psutil.Process().memory_info().rss / 1e6, 1),
    }


def _word(link: Link) -> tuple[str, str, str]:
    if not link.broker.is_open:
        return "down", link.not_ready_code or "SOCKET_CLOSED", link.why_lost or link.not_ready_why
    if not link.link_to_broker:
        return (
            "not_ready",
            "BROKER_UNREACHABLE",
            "the gateway has lost its own connection to the broker (1100)",
        )
    if link.silent:
        return "not_ready", "GATEWAY_SILENT", "the gateway does not answer"
    if not link.ready or not link.synced:
        return "synchronising", link.not_ready_code or "LINK_SYNCHRONISING", link.not_ready_why
    held = link.restart_problem()
    return "ready", held.code if held else "", held.text if held else ""


def write_state(gateway_id: int, values: dict[str, Any]) -> None:
    since = LinkState.since_when(ready=values["state"] == "ready", now=values["beat_at"])
    if not LinkState.objects.filter(gateway_id=gateway_id).update(**values, since=since):
        LinkState.objects.create(gateway_id=gateway_id, **values, since=values["beat_at"])


async def probe_for_ever(link: Link) -> None:
    """An open port proves nothing: the gateway must answer a question. Any word of it is a sign of life."""
    while True:
        await asyncio.sleep(PROBE_SECONDS)
        asked_at, pace = time.monotonic(), clock.speed()
        answer = await link.broker.server_time()
        silence = _silence(link)
        link.silent = silence > SILENT_SECONDS
        if silence > DEAD_SECONDS or not link.broker.is_open:
            link.lose(f"the gateway has said nothing for {silence:.0f} s")
        if not isinstance(answer, Known):
            continue
        link.measures["round_trip_ms"] = round(1000 * (time.monotonic() - asked_at), 2)
        if pace != 1.0 or clock.speed() != 1.0:
            continue  # a simulated day that runs fast: the way of the answer alone is seconds long
        # the broker tells whole seconds: half of one is the middle of what it may have meant
        skew = (clock.now() - answer.rows[0]).total_seconds() - 0.5
        link.measures["clock_skew_ms"] = round(1000 * skew, 0)


def _silence(link: Link) -> float:
    heard_at = link.broker.last_heard_at
    return 0.0 if heard_at is None else (clock.now() - heard_at).total_seconds() / clock.speed()


async def watch_lag_for_ever(link: Link) -> None:
    """A loop that was blocked may wake in a changed world: nothing is sent before a new snapshot."""
    while True:
        asked_at = time.monotonic()
        await asyncio.sleep(LAG_SECONDS)
        lag = 1000 * (time.monotonic() - asked_at - LAG_SECONDS)
        link.measures["loop_lag_ms"] = round(max(lag, 0.9 * (link.measures.get("loop_lag_ms") or 0.0)), 1)
        if lag > LAG_STOP_MS:
            link.lose(f"the link's loop was blocked for {lag:.0f} ms")
        elif lag > LAG_WARN_MS:
            log.warning("loop_lag", milliseconds=round(lag))
