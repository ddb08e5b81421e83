"""What every part of the ear has: the questions that are open, and the way to tell what was heard."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Any

from apps.broker.ib.asking import Questions
from apps.broker.ports import Heard, Ticks
from apps.journal import clock

# Request numbers live above this, order ids below: an error's id tells which of the two it is.
FIRST_REQUEST = 1_500_000_000


def nothing(*_: object) -> None:
    """A callback the desk has no use for."""


class Listener:
    def __init__(self) -> None:
        self.questions = Questions()
        self.ticks: dict[int, Ticks] = {}
        self.heard: Callable[[Heard], None] = nothing
        self.closed: Callable[[str], None] = nothing
        self.raw: tuple[str, ...] = ()
        self.last_heard_at: datetime | None = None
        self.next_valid_id = 0
        self.accounts: tuple[str, ...] = ()
        self.gone = asyncio.Event()  # the socket closed under us
        self.refusal: tuple[int, str] | None = None  # why the gateway will not have us, while we dial

    def tell(self, kind: str, body: dict[str, Any], *, answers: str | int = "", **keys: Any) -> Heard:
        """`answers` names the question of which this may be a row: a re-reading says much again."""
        heard = Heard(
            kind=kind,
            at=clock.now(),
            raw=self.raw,
            body=body,
            asked_at=self.questions.asked_at(answers),
            **keys,
        )
        self.heard(heard)
        return heard
