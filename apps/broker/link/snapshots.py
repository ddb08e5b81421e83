"""Reading everything the broker knows: orders, finished orders, executions, positions, money.

A snapshot counts only when each list came to its end in one session with no break between; anything less
changes nothing.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from apps.broker.actions.end_gone import end_gone
from apps.broker.actions.keep_lists import keep_lists
from apps.broker.link.hearing import drain
from apps.broker.link.link import Link
from apps.broker.models import Evidence, LinkSession, LinkState, ToldList
from apps.broker.ports import Heard, Known, MoneyTold, PositionTold, Refused, Unknown
from apps.broker.queries import executions_since, list_begins
from apps.journal import clock
from tradingdesk.domain.portfolio.executions import root_and_revision

BOOKS = ("positions", "account summary")
ORDER_LISTS, BOOK_LISTS = (ToldList.ORDERS, ToldList.EXECUTIONS), (ToldList.POSITIONS, ToldList.MONEY)
EVERYTHING = "all"
LASTING = timedelta(seconds=20)  # a list that was short by accident is whole by then
ORDER_WORDS = ("account", "con_id", "symbol", "side", "quantity", "filled", "order_type", "status")
EXECUTION_WORDS = ("account", "con_id", "symbol", "sec_type", "side", "quantity", "price", "time")


@dataclass(frozen=True, slots=True)
class Missing:
    """Why there is no snapshot, naming the request that failed."""

    request: str
    why: str

    @property
    def lists(self) -> tuple[str, ...]:
        """Which of the kept lists are unknown for it."""
        if self.request == EVERYTHING:
            return (*ORDER_LISTS, *BOOK_LISTS)
        return BOOK_LISTS if self.request in BOOKS else ORDER_LISTS


@dataclass(frozen=True, slots=True)
class Seen:
    """A complete one. It knows what was so when it was begun; what came since may be in it or not."""

    at: datetime
    orders: tuple[Heard, ...]
    completed: tuple[Heard, ...]
    executions: tuple[Heard, ...]

    @property
    def refs(self) -> list[str]:
        return _refs_of(self.orders, self.completed, self.executions)

    @property
    def working(self) -> list[str]:
        return _refs_of(self.orders)

    @property
    def perms(self) -> list[int]:
        return sorted({row.perm_id for row in self.orders if row.perm_id})


def _refs_of(*lists: Sequence[Heard]) -> list[str]:
    return sorted({row.order_ref for rows in lists for row in rows if row.order_ref})


async def read_orders(link: Link) -> Seen | Missing:
    """Orders first and executions last, so that no fill falls between the two."""
    answers: dict[str, Any] = {}
    breaks, began = link.breaks, clock.now()
    for name, ask in (
        ("open orders", link.broker.open_orders),
        ("completed orders", link.broker.completed_orders),
        ("executions", link.broker.executions),
    ):
        asked = clock.now()
        answer = await ask()
        if missing := _missing(name, answer):
            return missing
        answers[name] = answer.rows  # type: ignore[union-attr]
    await drain(link)
    if broke := _broke(link, breaks):
        return broke
    lacked = await link.db.run(_no_longer_told, link.gateway.pk, answers["executions"], asked)
    link.lacked = {exec_id: link.lacked.get(exec_id, asked) for exec_id in lacked}
    if lacked and not await _taken_back(link, asked):
        number = f"{len(lacked)} execution{'' if len(lacked) == 1 else 's'}"
        return Missing("executions", f"the list lacks {number} told today: {lacked[0]}")
    if broke := _broke(link, breaks):
        return broke
    seen = Seen(began, answers["open orders"], answers["completed orders"], answers["executions"])
    await link.db.run(_note, link.living, seen)
    return seen


async def read_books(link: Link) -> Missing | None:
    """Positions and money go to the ledger as the broker's own word, with their time."""
    breaks = link.breaks
    positions, money = await asyncio.gather(link.broker.positions(), link.broker.money())
    if missing := _missing("positions", positions) or _missing("account summary", money):
        return missing
    if broke := _broke(link, breaks):
        return broke
    assert isinstance(positions, Known)
    assert isinstance(money, Known)
    await link.db.run(link.doors.book_positions, positions.rows, positions.at)
    await link.db.run(link.doors.book_money, money.rows, money.at)
    await drain(link)  # a fill that was heard before the list is booked before the two are compared
    if broke := _broke(link, breaks):
        return broke
    await link.db.run(_keep_books, link.living, positions, money)
    return None


def _broke(link: Link, breaks: int) -> Missing | None:
    """What a gateway tells while it is cut off from the broker is not the broker's word."""
    if link.breaks != breaks or not link.link_to_broker or link.lost.is_set():
        return Missing(EVERYTHING, "the connection broke while they were read")
    return None


def _missing(name: str, answer: Known[Any] | Refused | Unknown) -> Missing | None:
    if isinstance(answer, Refused):
        return Missing(name, f"refused with {answer.code}: {answer.text}")
    return Missing(name, answer.why) if isinstance(answer, Unknown) else None


def _no_longer_told(gateway_id: int, told: Sequence[Heard], asked: datetime) -> list[str]:
    """Executions of this gateway's day that a list, complete by its own word, does not hold.

    Only those that were heard before it was asked for: one that came since need not stand in it.
    """
    known = executions_since(gateway_id, list_begins(clock.now()), heard_before=asked)
    roots = {root_and_revision(row.exec_id)[0] for row in told}
    return sorted(exec_id for exec_id in known if root_and_revision(exec_id)[0] not in roots)


async def _taken_back(link: Link, asked: datetime) -> bool:
    """Lacked by every reading for a while, and by the broker's own count: for a person to rule on."""
    if asked - max(link.lacked.values()) < clock.stretched(LASTING):
        return False
    positions = await link.broker.positions()
    if not isinstance(positions, Known):
        return False
    await drain(link)
    return await link.db.run(link.doors.borne_out, link.gateway.pk, list(link.lacked), positions.rows)


def _note(session: LinkSession, seen: Seen) -> None:
    """A complete reading is evidence too: of what the broker did not have."""
    LinkState.objects.filter(gateway_id=session.gateway_id).update(snapshot_at=seen.at)
    Evidence.objects.create(
        session=session,
        kind="snapshot",
        fields={
            "complete": True,
            "refs": seen.refs,
            "working": seen.working,
            "perms": seen.perms,
            "orders": len(seen.orders),
            "executions": len(seen.executions),
        },
        received_at=seen.at,
    )
    lists = {ToldList.ORDERS: order_rows(seen.orders), ToldList.EXECUTIONS: execution_rows(seen.executions)}
    keep_lists(session, lists, seen.at)
    end_gone(session, clock.now())


def order_rows(told: Sequence[Heard]) -> list[dict[str, Any]]:
    """One row for each open order; what its status adds to it stands in the same row."""
    rows: dict[Any, dict[str, Any]] = {}
    for heard in told:
        row = rows.setdefault(heard.perm_id or (heard.client_id, heard.order_id), {})
        row |= {name: heard.body[name] for name in ORDER_WORDS if name in heard.body}
        row |= {"perm_id": heard.perm_id, "order_id": heard.order_id, "client_id": heard.client_id}
        row["order_ref"] = heard.order_ref or row.get("order_ref", "")
    return list(rows.values())


def execution_rows(told: Sequence[Heard]) -> list[dict[str, Any]]:
    return [
        {name: heard.body[name] for name in EXECUTION_WORDS if name in heard.body}
        | {"exec_id": heard.exec_id, "perm_id": heard.perm_id, "order_ref": heard.order_ref}
        for heard in told
        if heard.kind == "execDetails"
    ]


def _keep_books(session: LinkSession, positions: Known[PositionTold], money: Known[MoneyTold]) -> None:
    rows = [
        {
            "account": row.account,
            "con_id": row.con_id,
            "symbol": row.symbol,
            "quantity": str(row.quantity),
            "cost": str(row.average_cost),
        }
        for row in positions.rows
    ]
    keep_lists(session, {ToldList.POSITIONS: rows}, positions.at)
    figures = [
        {"account": row.account, "tag": row.tag, "currency": row.currency, "value": str(row.value)}
        for row in money.rows
    ]
    keep_lists(session, {ToldList.MONEY: figures}, money.at)
