"""The paper test's score: the sessions the calendar names, each with what happened, against fixed criteria.

A session without a record was missed; it is never left out. A criterion that cannot be judged yet is
neither passed nor failed, and a promotion needs every one of them passed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

SESSIONS = 21
FILL_RATE, UPTIME = Decimal(60), Decimal(95)  # per cent, to be exceeded
CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRecord:
    """What one session came to."""

    entries: int = 0
    entries_filled: int = 0
    rejections: int = 0
    data_complete: bool = True
    reconciled: bool | None = True  # None: nobody compared, which is neither clean nor unclean
    unknowns: int = 0
    pnl: Decimal | None = None
    statement_pnl: Decimal | None = None  # the broker's, once its statement is here


@dataclass(frozen=True, slots=True)
class Criterion:
    """One row of the score. `passed` is None while it cannot be judged; `days` are the evidence."""

    name: str
    measured: str
    required: str
    passed: bool | None
    days: tuple[date, ...] = ()


@dataclass(frozen=True, slots=True)
class Score:
    sessions: tuple[date, ...]
    missed: tuple[date, ...]
    wanted: int
    criteria: tuple[Criterion, ...]

    @property
    def passed(self) -> bool | None:
        """True when the test is complete and all is passed; False as soon as anything is failed."""
        verdicts = [row.passed for row in self.criteria]
        if False in verdicts:
            return False
        return True if len(self.sessions) >= self.wanted and None not in verdicts else None


Records = Mapping[date, SessionRecord]


def score_of(calendar: Sequence[date], records: Records, *, wanted: int = SESSIONS) -> Score:
    """The newest `wanted` sessions of the calendar; recording a session twice changes nothing."""
    sessions = tuple(sorted(calendar)[-wanted:])
    missed = tuple(day for day in sessions if day not in records)
    ran = {day: records[day] for day in sessions if day in records}
    return Score(
        sessions,
        missed,
        wanted,
        (
            _fill_rate(ran),
            _uptime(sessions, missed),
            _none_of("rejections", ran, lambda one: one.rejections),
            _all_days("data complete", ran, sessions, lambda one: one.data_complete),
            _statement(ran, missed),
            _all_days("reconciliation clean", ran, sessions, lambda one: one.reconciled),
            _none_of("unresolved UNKNOWN", ran, lambda one: one.unknowns),
        ),
    )


def _fill_rate(ran: Records) -> Criterion:
    entries = sum(one.entries for one in ran.values())
    filled = sum(one.entries_filled for one in ran.values())
    rate = None if not entries else Decimal(100 * filled) / entries
    told = "no entries yet" if rate is None else f"{rate:.1f} % ({filled} of {entries})"
    worst = tuple(
        day for day, one in ran.items() if one.entries and 100 * one.entries_filled <= 60 * one.entries
    )
    return Criterion(
        "entry fill rate", told, f"> {FILL_RATE} %", None if rate is None else rate > FILL_RATE, worst
    )


def _uptime(sessions: Sequence[date], missed: tuple[date, ...]) -> Criterion:
    if not sessions:
        return Criterion("uptime", "no session yet", f"> {UPTIME} %", None)
    share = Decimal(100 * (len(sessions) - len(missed))) / len(sessions)
    # one missed session of 21 is 95.2 %; in a shorter run one miss is still the most that is allowed
    passed = share > UPTIME or len(missed) <= 1
    told = f"{share:.1f} % ({len(sessions) - len(missed)} of {len(sessions)})"
    return Criterion("uptime", told, f"> {UPTIME} %, one missed at most", passed, missed)


def _none_of(name: str, ran: Records, count: Callable[[SessionRecord], int]) -> Criterion:
    days = tuple(day for day, one in ran.items() if count(one))
    total = sum(count(one) for one in ran.values())
    return Criterion(name, str(total), "0", total == 0 if ran else None, days)


def _all_days(
    name: str, ran: Records, sessions: Sequence[date], holds: Callable[[SessionRecord], bool | None]
) -> Criterion:
    found = {day: holds(one) for day, one in ran.items()}
    broken = tuple(day for day, held in found.items() if held is False)
    unknown = tuple(day for day, held in found.items() if held is None)
    good = len(ran) - len(broken) - len(unknown)
    passed = None if not sessions or (unknown and not broken) else not broken and good == len(ran) > 0
    told = f"{good} of {len(ran)} sessions" + (f", {len(unknown)} unknown" if unknown else "")
    return Criterion(name, told, "every session", passed, broken or unknown)


def _statement(ran: Records, missed: tuple[date, ...]) -> Criterion:
    waiting = tuple(day for day, one in ran.items() if one.pnl is None or one.statement_pnl is None)
    wrong = tuple(
        day
        for day, one in ran.items()
        if one.pnl is not None and one.statement_pnl is not None and abs(one.pnl - one.statement_pnl) > CENT
    )
    passed = False if wrong else None if waiting or not ran else True
    told = f"{len(ran) - len(waiting) - len(wrong)} of {len(ran)} agree" + (
        f", {len(waiting)} without a statement" if waiting else ""
    )
    return Criterion("P&L equals the statement", told, "to the cent", passed, wrong or waiting)
