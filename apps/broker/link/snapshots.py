"""Reading everything the broker knows: orders, finished orders, executions, positions, money.

A snapshot counts only when each list came to its end in one session with no break between; anything less
changes nothing.
"""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from apps.broker.link.hearing import drain
from apps.broker.link.link import Link
from apps.broker.models import Evidence
from apps.broker.ports import Heard, Known, Refused, Unknown
from apps.journal import clock


@dataclass(frozen=True, slots=True)
class Missing:
    """Why there is no snapshot, naming the request that failed."""

    request: str
    why: str


@dataclass(frozen=True, slots=True)
class Seen:
    """A complete one."""

    at: datetime
    orders: tuple[Heard, ...]
    completed: tuple[Heard, ...]
    executions: tuple[Heard, ...]

    @property
    def refs(self) -> list[str]:
        rows = (*self.orders, *self.completed, *self.executions)
        return sorted({row.order_ref for row in rows if row.order_ref})


async def read_orders(link: Link) -> Seen | Missing:
    """Orders first and executions last, so that no fill falls between the two."""
    answers: dict[str, Any] = {}
    for name, ask in (
        ("open orders", link.broker.open_orders),
        ("completed orders", link.broker.completed_orders),
        ("executions", link.broker.executions),
    ):
        answer = await ask()
        if missing := _missing(name, answer):
            return missing
        answers[name] = answer.rows  # type: ignore[union-attr]
    if not link.link_to_broker or link.lost.is_set():
        return Missing("all", "the connection broke while they were read")
    await drain(link)
    seen = Seen(clock.now(), answers["open orders"], answers["completed orders"], answers["executions"])
    await link.db.run(_note, link.living.pk, seen)
    return seen


async def read_books(link: Link) -> Missing | None:
    """Positions and money go to the ledger as the broker's own word, with their time."""
    positions, money = await asyncio.gather(link.broker.positions(), link.broker.money())
    if missing := _missing("positions", positions) or _missing("account summary", money):
        return missing
    assert isinstance(positions, Known)
    assert isinstance(money, Known)
    await link.db.run(link.doors.book_positions, positions.rows, positions.at)
    await link.db.run(link.doors.book_money, money.rows, money.at)
    return None


def _missing(name: str, answer: Known[Any] | Refused | Unknown) -> Missing | None:
    if isinstance(answer, Refused):
        return Missing(name, f"refused with {answer.code}: {answer.text}")
    return Missing(name, answer.why) if isinstance(answer, Unknown) else None


def _note(session_id: int, seen: Seen) -> None:
    """A complete reading is evidence too: of what the broker did not have."""
    Evidence.objects.create(
        session_id=session_id,
        kind="snapshot",
        fields={
            "complete": True,
            "refs": seen.refs,
            "orders": len(seen.orders),
            "executions": len(seen.executions),
        },
        received_at=seen.at,
    )
