"""The gate: one decision, on exactly what was shown, by a person, by a window that ran out, or under a grant.

A warning passes with a reason that somebody typed; what blocks has no override at all, whoever asks.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from tradingdesk.domain.approvals.challenge import typed_matches
from tradingdesk.domain.approvals.expiry import Present, Shown, age_problem, drift_problem
from tradingdesk.domain.approvals.grants import Grant, standing_problem
from tradingdesk.domain.approvals.phases import Phase
from tradingdesk.domain.approvals.windows import WindowState
from tradingdesk.domain.money import Reason
from tradingdesk.domain.risk.stops import StopLevel, stop_problem
from tradingdesk.domain.risk.verdict import Outcome

REASON_AT_LEAST = 10


class RequestState(StrEnum):
    """A request is decided once. A window that is given back leaves it PROPOSED, for a person."""

    PROPOSED = "proposed"
    COUNTING = "counting"  # an alert is on its way, or its window runs
    APPROVED = "approved"
    REJECTED = "rejected"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    SUPERSEDED = "superseded"
    CANCELLED = "cancelled"  # in its window


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What waits for a decision."""

    state: RequestState
    row_version: int
    digest: str
    challenge: str
    author: str
    notional: Decimal
    expires_at: datetime
    cut_off: datetime
    shown: Shown
    phase: Phase = Phase.CRAWL
    window: WindowState | None = None
    grant: Grant | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Approver:
    """Who decides, and with which form."""

    name: str
    may_approve: bool
    typed: str
    digest: str
    row_version: int
    reason: str = ""
    proved: bool = True  # that they are who they say, a few minutes ago at most


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """The house's own strictness. Above four_eyes_above the author can never be the approver."""

    four_eyes: bool = False
    four_eyes_above: Decimal | None = None
    max_drift_bps: Decimal = Decimal(100)


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """Everything recomputed in the transaction that decides."""

    now: datetime
    digest: str
    present: Present
    outcome: Outcome
    stop: StopLevel = StopLevel.ACTIVE


@dataclass(frozen=True, slots=True)
class Decision:
    """The state the request goes to, or stays in, with the reason when it was not approved."""

    state: RequestState
    reason: Reason | None = None

    @property
    def approved(self) -> bool:
        return self.state is RequestState.APPROVED


def approve(request: Request, approver: Approver, situation: Situation, *, rules: Rules) -> Decision:
    """Approved, or the first reason why not; a request out of time becomes expired on the spot."""
    if request.state is not RequestState.PROPOSED:
        return Decision(request.state, Reason("REQUEST_ALREADY_DECIDED", f"it is {request.state} already"))
    late = age_problem(situation.now, expires=request.expires_at, cut_off=request.cut_off)
    if late is not None:
        return Decision(RequestState.EXPIRED, late)
    problem = (
        _person_problem(request, approver, rules)
        or _content_problem(request, approver, situation)
        or stop_problem(situation.stop, reduces=False)
        or drift_problem(request.shown, situation.present, max_drift_bps=rules.max_drift_bps)
        or _form_problem(request, approver, situation)
    )
    return Decision(RequestState.PROPOSED, problem) if problem else Decision(RequestState.APPROVED)


def reject(request: Request, reason: str) -> Decision:
    """Turned down by a person, who says why."""
    if request.state is not RequestState.PROPOSED:
        return Decision(request.state, Reason("REQUEST_ALREADY_DECIDED", f"it is {request.state} already"))
    if not reason.strip():
        return Decision(request.state, Reason("REJECTION_UNEXPLAINED", "a rejection needs a reason"))
    return Decision(RequestState.REJECTED, Reason("REQUEST_REJECTED", reason.strip()))


def authority_problem(request: Request, situation: Situation) -> Reason | None:
    """Asked again at the claim: whether the approval still covers what is about to be sent."""
    if request.state is not RequestState.APPROVED:
        return Reason("APPROVAL_ABSENT", f"the request is {request.state}")
    if situation.digest != request.digest:
        return Reason("APPROVAL_CONTENT_CHANGED", "what would be sent is not what was approved")
    if request.phase is Phase.WALK and request.window is not WindowState.RELEASED:
        return Reason("APPROVAL_ABSENT", "its window did not run out")
    if request.phase is Phase.RUN and (problem := standing_problem(request.grant, situation.now)):
        return problem
    return age_problem(situation.now, expires=request.expires_at, cut_off=request.cut_off)


def _person_problem(request: Request, approver: Approver, rules: Rules) -> Reason | None:
    if not approver.may_approve:
        return Reason("APPROVER_NOT_PERMITTED", f"{approver.name} may not approve for this account")
    large = rules.four_eyes_above is not None and request.notional > rules.four_eyes_above
    if (rules.four_eyes or large) and approver.name == request.author:
        return Reason("APPROVER_IS_AUTHOR", "another person than the author must approve")
    return None


def _content_problem(request: Request, approver: Approver, situation: Situation) -> Reason | None:
    if approver.row_version != request.row_version:
        return Reason("REQUEST_CHANGED", "the request changed since the page was opened")
    if not approver.digest == request.digest == situation.digest:
        return Reason("APPROVAL_CONTENT_CHANGED", "what would be sent is not what the page showed")
    if situation.outcome is Outcome.BLOCK:
        return Reason("CHECK_BLOCKED", "a check blocks it now")
    return None


def _form_problem(request: Request, approver: Approver, situation: Situation) -> Reason | None:
    if situation.outcome is Outcome.WARN and len(approver.reason.strip()) < REASON_AT_LEAST:
        return Reason("WARNING_UNEXPLAINED", f"a warning needs a reason of {REASON_AT_LEAST} characters")
    if not approver.proved:
        return Reason("PROOF_STALE", "sign in again before you approve")
    if not typed_matches(approver.typed, request.challenge):
        return Reason("PHRASE_WRONG", "the typed line is not the word and the challenge")
    return None
