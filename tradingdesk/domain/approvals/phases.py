"""How far a strategy is trusted with an account, and what it takes to be trusted further."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from tradingdesk.domain.money import Reason


class Phase(StrEnum):
    """How much a person stands between a plan and the market."""

    CRAWL = "crawl"
    WALK = "walk"
    RUN = "run"


RANK = {Phase.CRAWL: 0, Phase.WALK: 1, Phase.RUN: 2}


def strictest(*phases: Phase | None) -> Phase:
    """Of several opinions the one that puts a person closest; what has no opinion does not count."""
    return min((phase for phase in phases if phase is not None), key=RANK.__getitem__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Criteria:
    """What must have been seen in the present phase before the next one may be asked for."""

    sessions: int
    fills: int
    unknown: int = 0


# A stated minimum in the present phase, beside the scorecard, which looks at any phase's newest sessions.
CRITERIA = {Phase.WALK: Criteria(sessions=5, fills=10), Phase.RUN: Criteria(sessions=10, fills=30)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What the pair has shown in its present phase."""

    sessions: int
    fills: int
    unknown: int
    unmet: tuple[str, ...] = ()  # what its scorecard does not pass


def promotion_word(strategy: str, phase: Phase) -> str:
    """What is typed: the phase and the strategy it is given to."""
    return f"{phase.value.upper()} {strategy}"


def evidence_problem(phase: Phase, evidence: Evidence) -> Reason | None:
    """Whether the stated minimum for that phase is missed, and by what."""
    asked = CRITERIA[phase]
    missing = []
    if evidence.sessions < asked.sessions:
        missing.append(f"{evidence.sessions} of {asked.sessions} sessions")
    if evidence.fills < asked.fills:
        missing.append(f"{evidence.fills} of {asked.fills} fills")
    if evidence.unknown > asked.unknown:
        missing.append(f"{evidence.unknown} orders of unknown fate")
    missing += evidence.unmet
    return Reason("PHASE_CRITERIA_MISSED", ", ".join(missing)) if missing else None


def promotion_problem(
    old: Phase, new: Phase, *, strategy: str, typed: str, evidence: Evidence
) -> Reason | None:
    """The first reason why trust may not grow now. One step at a time, earned, and typed."""
    if RANK[new] != RANK[old] + 1:
        return Reason("PHASE_STEP_SKIPPED", f"from {old} trust grows one phase at a time")
    if typed.split() != promotion_word(strategy, new).split():
        return Reason("PHASE_WORD_WRONG", f"type {promotion_word(strategy, new)}")
    return evidence_problem(new, evidence)
