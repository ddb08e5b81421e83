"""Reading what the broker knows: a list says what was so when it was asked for, however long it took."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from apps.broker.link import snapshots
from apps.broker.ports import Known

BEGAN = datetime(2026, 11, 18, 14, 40, tzinfo=UTC)


class Ticking:
    """A clock that each look moves on by four seconds."""

    def __init__(self) -> None:
        self.looks: Iterator[datetime] = (BEGAN + timedelta(seconds=4 * n) for n in range(99))

    def now(self) -> datetime:
        return next(self.looks)


@pytest.fixture
def link(monkeypatch: pytest.MonkeyPatch) -> Any:
    ticking = Ticking()
    monkeypatch.setattr(snapshots, "clock", ticking)
    done: list[str] = []

    async def run(what: Any, *given: Any) -> Any:
        done.append(getattr(what, "__name__", "door"))
        return []

    async def answer() -> Any:
        return Known((), ticking.now())

    async def drained(_link: Any) -> None:
        done.append("drained")

    monkeypatch.setattr(snapshots, "drain", drained)
    names = ("open_orders", "completed_orders", "executions", "positions", "money")
    return SimpleNamespace(
        breaks=0, link_to_broker=True, lost=asyncio.Event(), living=None, done=done,
        gateway=SimpleNamespace(pk=1), db=SimpleNamespace(run=run),
        broker=SimpleNamespace(**dict.fromkeys(names, answer)),
        doors=SimpleNamespace(book_positions=lambda *_: None, book_money=lambda *_: None),
    )  # fmt: skip


def test_a_reading_is_as_old_as_its_first_question(link: Any) -> None:
    seen = asyncio.run(snapshots.read_orders(link))
    assert isinstance(seen, snapshots.Seen) and seen.at == BEGAN


def test_what_was_heard_before_the_books_is_stored_before_they_are_compared(link: Any) -> None:
    assert asyncio.run(snapshots.read_books(link)) is None
    assert link.done[-2:] == ["drained", "_keep_books"] and len(link.done) == 4


def test_books_of_a_connection_that_broke_while_they_were_stored_are_not_kept(
    link: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(_link: Any) -> None:
        link.breaks += 1

    monkeypatch.setattr(snapshots, "drain", broken)
    assert isinstance(asyncio.run(snapshots.read_books(link)), snapshots.Missing)
    assert "_keep_books" not in link.done
