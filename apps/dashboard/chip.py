"""The verdict on our books as the header of every page shows it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from apps.reconciliation.queries import Verdict, verdict_of

BADGES = {"HALT": "high", "EMERGENCY": "critical", "BREAKS": "medium", "UNKNOWN": "medium"}
WORDS = {"PASS": "Pass", "BREAKS": "Breaks", "HALT": "Halt", "EMERGENCY": "Emergency", "UNKNOWN": "Unknown"}


@dataclass(frozen=True, slots=True)
class Chip:
    """The verdict as every page's header shows it."""

    word: str
    css: str  # of its badge; empty when nothing is wrong
    at: datetime | None
    title: str
    bps: str = ""


def chip_of(account: Any, now: datetime) -> Chip | None:
    """None without an account: there is nothing to compare."""
    if account is None:
        return None
    verdict = verdict_of(account, now)
    return Chip(
        word=_word(verdict),
        css=BADGES.get(verdict.level, ""),
        at=verdict.at,
        title=verdict.reason,
        bps="" if verdict.bps is None else f"{verdict.bps:,.1f} bps",
    )


def _word(verdict: Verdict) -> str:
    if verdict.level == "BREAKS":
        return f"{verdict.breaks} break{'s' if verdict.breaks != 1 else ''}"
    return WORDS[verdict.level]
