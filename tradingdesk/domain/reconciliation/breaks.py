"""A difference worked as a case: opened when it shows, closed when it is gone or a person has dealt with it.

| state    | re-query | adopt  | mark external | ignore until | gone    | shows again |
| open     | open     | closed | closed        | ignored      | closed  | open        |
| ignored  | open     | closed | closed        | ignored      | closed  | open when the time is over |
| closed   | –        | –      | –             | –            | –       | a new case  |

A difference is gone only when the broker has answered and the row agrees; silence closes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import IntEnum, StrEnum

from tradingdesk.domain.money import Reason
from tradingdesk.domain.reconciliation.compare import Difference, Kind


class State(StrEnum):
    OPEN = "open"
    IGNORED = "ignored"
    CLOSED = "closed"


class Act(StrEnum):
    """What a person may do with a case."""

    REQUERY = "re-query"
    ADOPT = "adopt"
    MARK_EXTERNAL = "mark external"
    IGNORE = "ignore until"


class Severity(IntEnum):
    """HIGH blocks what adds to its instrument, CRITICAL what adds to the account; the rest only tell."""

    LOW = 0
    MEDIUM = 1
    HIGH = 2
    CRITICAL = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Break:
    """One case as it stands."""

    kind: Kind
    key: str
    state: State
    severity: Severity
    ignored_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Worked:
    """What a round of comparison does to the cases."""

    opened: tuple[Difference, ...]
    gone: tuple[Break, ...]
    again: tuple[Break, ...]  # ignored, and the time is over


_SEVERITY = {
    Kind.POSITION_QUANTITY: Severity.HIGH,
    Kind.POSITION_OURS_ONLY: Severity.HIGH,
    Kind.POSITION_THEIRS_ONLY: Severity.HIGH,
    Kind.POSITION_COST: Severity.LOW,
    Kind.ORDER_OURS_ONLY: Severity.HIGH,
    Kind.ORDER_THEIRS_ONLY: Severity.CRITICAL,  # carries our name and we do not know it
    Kind.ORDER_QUANTITY: Severity.HIGH,
    Kind.EXECUTION_OURS_ONLY: Severity.CRITICAL,
    Kind.EXECUTION_THEIRS_ONLY: Severity.HIGH,
    Kind.EXECUTION_TERMS: Severity.MEDIUM,
    Kind.CASH_AMOUNT: Severity.MEDIUM,
    Kind.NAV_UNEXPLAINED: Severity.CRITICAL,
}
# What may not be adopted: the broker cannot be right about our own name, and a total has no row to adopt.
_NEVER_ADOPTED = frozenset({Kind.ORDER_THEIRS_ONLY, Kind.NAV_UNEXPLAINED})
_EXTERNAL = frozenset({Kind.POSITION_THEIRS_ONLY, Kind.POSITION_QUANTITY, Kind.EXECUTION_THEIRS_ONLY})
LONGEST_REASON, SHORTEST_REASON = 500, 10


def severity_of(difference: Difference, *, small: Decimal) -> Severity:
    """By what differs; a priced difference below the small amount is a step milder, never below low."""
    severity = _SEVERITY[difference.kind]
    if difference.size is None or difference.size >= small or severity is Severity.CRITICAL:
        return severity
    return Severity(max(Severity.LOW, severity - 1))


def work(
    known: Iterable[Break], found: Iterable[Difference], kinds: frozenset[Kind], now: datetime
) -> Worked:
    """Cases against what a comparison of these kinds shows. Kinds that were not compared are left alone."""
    cases = {(case.kind, case.key): case for case in known if case.state is not State.CLOSED}
    shown = {(one.kind, one.key): one for one in found}
    return Worked(
        opened=tuple(one for place, one in shown.items() if place not in cases),
        gone=tuple(case for place, case in cases.items() if place not in shown and case.kind in kinds),
        again=tuple(
            case
            for place, case in cases.items()
            if place in shown and case.ignored_until is not None and case.ignored_until <= now
        ),
    )


def act_problem(
    case: Break, act: Act, *, reason: str, until: datetime | None, now: datetime
) -> Reason | None:
    """Why a person may not do that with the case."""
    if case.state is State.CLOSED:
        return Reason("BREAK_CLOSED", "the case is closed; if it shows again, a new one opens")
    if act is Act.REQUERY:
        return None
    if len(reason.strip()) < SHORTEST_REASON:
        return Reason("BREAK_UNEXPLAINED", f"a reason of {SHORTEST_REASON} characters or more is needed")
    if act is Act.ADOPT and case.kind in _NEVER_ADOPTED:
        return Reason("BREAK_NOT_ADOPTABLE", f"{case.kind} has no value of the broker's that could be ours")
    if act is Act.MARK_EXTERNAL and case.kind not in _EXTERNAL:
        return Reason("BREAK_NOT_EXTERNAL", f"{case.kind} is not something another hand can have done")
    if act is Act.IGNORE and (until is None or until <= now):
        return Reason("BREAK_IGNORED_FOREVER", "say until when; a case is never ignored for good")
    return None


def block_problem(cases: Iterable[Break], *, key: str) -> Reason | None:
    """Whether an order that adds risk to this instrument may go: open cases block by severity and scope."""
    for case in cases:
        if case.state is not State.OPEN:
            continue
        if case.severity is Severity.CRITICAL:
            return Reason("BREAK_BLOCKS_ACCOUNT", f"{case.kind} {case.key} is open")
        if case.severity is Severity.HIGH and case.key == key:
            return Reason("BREAK_BLOCKS_INSTRUMENT", f"{case.kind} {case.key} is open")
    return None
