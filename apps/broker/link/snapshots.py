"""Reading everything the broker knows: orders, finished orders, executions, positions, money.

A snapshot counts only when each list came to its end in one session with no break between; anything less
changes nothing.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from apps.broker.link.hearing import drain
from apps.broker.link.link import Link
from apps.broker.models import Evidence, LinkSession, LinkState
from apps.broker.ports import Heard, Known, Refused, Unknown
from apps.broker.queries import executions_since
from apps.journal import clock
from tradingdesk.domain.portfolio.executions import root_and_revision

# A gateway forgets the day's executions at a midnight of its own: its set zone's, or New York's.
DAY_ZONES = (UTC, ZoneInfo("America/New_York"))


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
    breaks = link.breaks
    for name, ask in (
        ("open orders", link.broker.open_orders),
        ("completed orders", link.broker.completed_orders),
        ("executions", link.broker.executions),
    ):
        answer = await ask()
        if missing := _missing(name, answer):
            return missing
        answers[name] = answer.rows  # type: ignore[union-attr]
    await drain(link)
    if link.breaks != breaks or not link.link_to_broker or link.lost.is_set():
        return Missing("all", "the connection broke while they were read")
    if gone := await link.db.run(_no_longer_told, link.gateway.pk, answers["executions"]):
        return Missing("executions", f"the list lacks {len(gone)} executions that were told today: {gone[0]}")
    seen = Seen(clock.now(), answers["open orders"], answers["completed orders"], answers["executions"])
    await link.db.run(_note, link.living, seen)
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


def _no_longer_told(gateway_id: int, told: Sequence[Heard]) -> list[str]:
    """Executions of this gateway's day that a list, complete by its own word, does not hold."""
    now = clock.now()
    midnights = [now.astimezone(zone).replace(hour=0, minute=0, second=0) for zone in DAY_ZONES]
    known = executions_since(gateway_id, max(midnights))
    roots = {root_and_revision(row.exec_id)[0] for row in told}
    return sorted(exec_id for exec_id in known if root_and_revision(exec_id)[0] not in roots)


def _note(session: LinkSession, seen: Seen) -> None:
    """A complete reading is evidence too: of what the broker did not have."""
    LinkState.objects.filter(gateway_id=session.gateway_id).update(snapshot_at=seen.at)
    Evidence.objects.create(
        session=session,
        kind="snapshot",
        fields={
            "complete": True,
            "refs": seen.refs,
            "orders": len(seen.orders),
            "executions": len(seen.executions),
        },
        received_at=seen.at,
    )
