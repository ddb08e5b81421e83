"""What a check found, written so that a person can see why."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum


class Outcome(IntEnum):
    """Ordered: the higher, the worse."""

    PASS = 0
    WARN = 1
    BLOCK = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """One check's answer: what it measured against which limit, and what follows."""

    check: str
    title: str
    measured: str
    limit: str
    outcome: Outcome
    reason_code: str = ""


def worst(verdicts: Iterable[Verdict]) -> Outcome:
    """One block blocks everything. No verdict at all is no permission: that blocks too."""
    return max((verdict.outcome for verdict in verdicts), default=Outcome.BLOCK)


def failures_first(verdicts: Iterable[Verdict]) -> tuple[Verdict, ...]:
    """The order in which a person should read them."""
    return tuple(sorted(verdicts, key=lambda verdict: -verdict.outcome))
