"""Questions that wait for their end marker. Without it there is no answer, whatever rows came before."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from apps.broker.ports import Answer, Known, Refused, Unknown
from apps.journal import clock


@dataclass(slots=True)
class Question:
    rows: list[Any] = field(default_factory=list)
    asked_at: datetime = field(default_factory=clock.now)
    done: "asyncio.Future[Refused | Unknown | None]" = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )


class Questions:
    """What is being asked, by request number or by name; one of each at a time."""

    def __init__(self) -> None:
        self._open: dict[int | str, Question] = {}
        self._turns: dict[int | str, asyncio.Lock] = {}
        self.reading_executions: int | str = ""  # commissions of a re-reading carry no number

    async def ask(self, key: int | str, send: Callable[[], None], *, timeout: float) -> Answer[Any]:
        async with self._turns.setdefault(key, asyncio.Lock()):
            question = self._open[key] = Question()
            try:
                send()
                async with asyncio.timeout(timeout):
                    ended = await question.done
            except TimeoutError:
                return Unknown(f"no end of {key} within {timeout:g} s, {len(question.rows)} rows before")
            except ConnectionError as lost:
                return Unknown(f"{key}: {lost}")
            finally:
                del self._open[key]
                if isinstance(key, int):
                    del self._turns[key]
            return Known(tuple(question.rows), clock.now()) if ended is None else ended

    def add(self, key: int | str, row: Any) -> bool:
        """A row of an answer; False when nobody asked."""
        if question := self._open.get(key):
            question.rows.append(row)
        return question is not None

    def asked_at(self, key: int | str) -> datetime | None:
        """When it was asked; None when it is not open."""
        question = self._open.get(key)
        return question.asked_at if question else None

    def end(self, key: int | str, how: Refused | Unknown | None = None) -> bool:
        question = self._open.get(key)
        if question and not question.done.done():
            question.done.set_result(how)
        return question is not None

    def end_all(self, why: str) -> None:
        for key in list(self._open):
            self.end(key, Unknown(f"{key}: {why}"))
