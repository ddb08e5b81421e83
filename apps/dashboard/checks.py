"""The checks of a card: each by itself while a person can read them, else the passed ones once a check."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

READABLE = 60  # three tickers with every check


@dataclass(frozen=True, slots=True)
class Passed:
    """One check that so many lines passed."""

    title: str
    about: str
    limit: str
    measured: str = "within its limit"
    outcome: str = "pass"
    reason_code: str = ""


def readable(checks: Sequence[Any]) -> list[Any]:
    """All of them, or: every one that did not pass, then each other check once."""
    if len(checks) <= READABLE:
        return list(checks)
    groups: dict[str, list[Any]] = {}
    for check in checks:
        if check.outcome == "pass":
            groups.setdefault(check.title, []).append(check)
    told = [check for check in checks if check.outcome != "pass"]
    return told + [_passed(alike) for alike in groups.values()]


def _passed(alike: Sequence[Any]) -> Any:
    if len(alike) == 1:
        return alike[0]
    limits = {check.limit for check in alike}
    return Passed(alike[0].title, f"{len(alike)} lines", limits.pop() if len(limits) == 1 else "each its own")
