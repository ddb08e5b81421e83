"""A stop from a terminal: a connection of its own that cancels what it may, and tells what came of it.

The broker lets a client cancel its own orders and nobody else's. So this first looks, from a seat of its own,
at every order there is; then it takes the link's seat if that is free, and cancels what the link left. A seat
that is taken means that the link is connected: then the link cancels, or `reqGlobalCancel` does, which takes
the orders of every other program and of the workstation too and is never sent unless it was asked for.
"""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from apps.broker.ib.connection import IbConnection
from apps.broker.link.pacing import Pace
from apps.broker.ports import Broker, ClientIdTaken, Heard, Known, NotWritten, Opened

OPEN_WITHIN = 5.0
CONFIRM_WITHIN = 5.0
LOOK_SECONDS = 0.3
ENDED = {"Cancelled": "confirmed", "ApiCancelled": "confirmed", "Filled": "filled", "Inactive": "confirmed"}


@dataclass(slots=True, kw_only=True)
class Seen:
    """One order at the broker, and what became of it."""

    perm_id: int
    client_id: int
    order_id: int
    reference: str
    account: str
    symbol: str
    side: str
    quantity: str
    result: str = "pending"
    why: str = ""


@dataclass(slots=True, kw_only=True)
class Told:
    """What a terminal's stop has seen of one gateway."""

    gateway: str
    orders: list[Seen] = field(default_factory=list)
    seat: str = ""  # whose orders could be cancelled from here, in words
    problem: str = ""  # why nothing could be seen at all
    seconds: float = 0.0  # from the first cancel to the last word

    @property
    def left(self) -> list[Seen]:
        return [one for one in self.orders if one.result not in ("confirmed", "filled")]


async def stop_from_terminal(
    host: str, port: int, *, seat: int, link_seat: int, cancel_everything: bool, only: Sequence[str] = ()
) -> Told:
    """`only` names the accounts; without any, every order of the gateway."""
    told = Told(gateway=f"{host}:{port}")
    try:
        async with connected(host, port, seat) as (broker, _opened):
            await _stop(broker, told, host, port, link_seat=link_seat, all_of_it=cancel_everything, only=only)
    except ClientIdTaken:
        told.problem = f"client id {seat} is in use there; name another one with --client-id"
    except (OSError, TimeoutError) as failed:
        told.problem = str(failed) or f"no handshake within {OPEN_WITHIN:g} s"
    return told


async def _stop(
    broker: Broker, told: Told, host: str, port: int, *, link_seat: int, all_of_it: bool, only: Sequence[str]
) -> None:
    answer = await broker.open_orders()
    if not isinstance(answer, Known):
        told.problem = f"the broker did not list its orders: {answer}"
        return
    told.orders = [one for one in map(_seen, answer.rows) if not only or one.account in only]
    began = time.monotonic()
    if all_of_it:
        broker.cancel_all()
        told.seat = "all: reqGlobalCancel was sent, for the orders of every program and of the workstation"
        await _wait_until_gone(broker, told, began)
        return
    others = [one for one in told.orders if one.client_id != link_seat]
    for one in others:
        whose = "the workstation" if one.client_id <= 0 else f"client {one.client_id}"
        one.why = f"of {whose}: only it can cancel"
    try:
        async with connected(host, port, link_seat) as (ours, _opened):
            told.seat = f"client {link_seat}: the link's seat was free"
            await _cancel(ours, [one for one in told.orders if one.client_id == link_seat])
            await _wait_until_gone(broker, told, began)
    except ClientIdTaken:
        told.seat = f"none: the link holds client id {link_seat} and has to cancel its orders itself"
        await _wait_until_gone(broker, told, began)


def _seen(row: Heard) -> Seen:
    return Seen(
        perm_id=row.perm_id or 0,
        client_id=row.client_id or 0,
        order_id=row.order_id or 0,
        reference=row.order_ref,
        account=str(row.body.get("account", "")),
        symbol=str(row.body.get("local_symbol") or row.body.get("symbol", "")),
        side=str(row.body.get("side", "")),
        quantity=str(row.body.get("quantity", "")),
    )


async def _cancel(broker: Broker, orders: Sequence[Seen]) -> None:
    pace = Pace()
    for one in orders:
        while (wait := pace.wait_for_cancel(time.monotonic())) > 0:
            await asyncio.sleep(wait)
        try:
            broker.cancel(one.order_id)
        except NotWritten as why:
            one.why = f"the cancel was not written: {why}"
        pace.note_message(time.monotonic())


async def _wait_until_gone(broker: Broker, told: Told, began: float) -> None:
    """An order is gone when the broker lists it among the finished ones; not listed at all is not known."""
    while True:
        await _look(broker, told)
        told.seconds = time.monotonic() - began
        waiting = [one for one in told.left if not one.why.startswith("of ") or told.seat.startswith("all")]
        if not waiting or told.seconds > CONFIRM_WITHIN:
            return
        await asyncio.sleep(LOOK_SECONDS)


async def _look(broker: Broker, told: Told) -> None:
    alive, done = await broker.open_orders(), await broker.completed_orders()
    if not isinstance(alive, Known):
        return
    living = {row.perm_id for row in alive.rows}
    ended: dict[int | None, str] = {}
    if isinstance(done, Known):
        ended = {row.perm_id: _how(row) for row in done.rows}
    for one in told.left:
        if one.perm_id in living:
            one.result = "pending"
        else:
            one.result = ended.get(one.perm_id, "unknown")


def _how(row: Heard) -> str:
    status: Any = row.body.get("status", "")
    return ENDED.get(str(status), "unknown")


@contextlib.asynccontextmanager
async def connected(host: str, port: int, client_id: int) -> AsyncIterator[tuple[IbConnection, Opened]]:
    """A connection that is closed again whatever happens."""
    broker = IbConnection()
    try:
        yield broker, await broker.open(host, port, client_id=client_id, timeout=OPEN_WITHIN)
    finally:
        broker.close()
