"""The twelve things that can never happen, each one look at the tables.

They run after every scenario of the tests and every minute in production. Each check yields what it found
broken; a desk in order yields nothing. Checks look at what is alive and at what changed since `since`.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction

from apps.runbook.invariants import authority, books, lives, truth

Check = Callable[[datetime], Iterator[str]]

LOOK_BACK = timedelta(days=1)

CHECKS: dict[str, tuple[Check, ...]] = {
    "S1": (lives.orders_without_intent, lives.broker_spoke_of_unsent),
    "S2": (lives.doubled_orders,),
    "S3": (authority.unauthorised, authority.changed_after_approval),
    "S4": (authority.sent_while_stopped,),
    "S5": (books.executions_not_booked, books.fills_not_told),
    "S6": (books.unreserved, books.over_reserved),
    "S7": (lives.ended_without_evidence, lives.ruled_by_nobody),
    "S8": (lives.not_what_evidence_says, lives.exits_beyond_entry),
    "S9": (lives.foreign_epoch,),
    "S10": (authority.off_tick, authority.wrong_environment, authority.unjudged),
    "S11": (authority.out_of_time, authority.sent_at_restart),
    "S12": (truth.journal_broken, truth.silent_changes, truth.claims_of_the_link),
}


@dataclass(frozen=True, slots=True)
class Broken:
    """One invariant that does not hold, and where."""

    invariant: str
    text: str

    def __str__(self) -> str:
        return f"{self.invariant}: {self.text}"


def broken_invariants(now: datetime) -> list[Broken]:
    """Everything that should be impossible and is there. Reads only; it may run at any time."""
    since = now - LOOK_BACK
    with _one_moment():
        return [
            Broken(name, text) for name, checks in CHECKS.items() for check in checks for text in check(since)
        ]


@contextmanager
def _one_moment() -> Iterator[None]:
    """All checks see the tables as they stood at one instant: half of a change is no finding."""
    if connection.in_atomic_block:
        yield
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        yield
