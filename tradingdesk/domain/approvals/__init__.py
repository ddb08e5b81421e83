"""Who lets a plan through, on exactly which content, and until when."""

from tradingdesk.domain.approvals.challenge import challenge, phrase, typed_matches
from tradingdesk.domain.approvals.digest import (
    ApprovedContent,
    ApprovedOrder,
    approval_digest,
    canonical_json,
)
from tradingdesk.domain.approvals.expiry import Present, Shown, age_problem, drift_problem, expires_at
from tradingdesk.domain.approvals.gate import (
    Approver,
    Decision,
    Phase,
    Request,
    RequestState,
    Rules,
    Situation,
    approve,
    authority_problem,
    reject,
)

REASONS = {
    "REQUEST_ALREADY_DECIDED": "Somebody, or time, decided it before.",
    "REQUEST_CHANGED": "The request changed since the page was opened.",
    "REQUEST_REJECTED": "A person turned the request down.",
    "REJECTION_UNEXPLAINED": "A rejection needs a reason.",
    "APPROVER_NOT_PERMITTED": "The person may not approve for this account.",
    "APPROVER_IS_AUTHOR": "The author of a plan may not approve it here.",
    "APPROVAL_ABSENT": "There is no approval.",
    "APPROVAL_CONTENT_CHANGED": "What would be sent differs from what was shown or approved.",
    "APPROVAL_CUT_OFF": "The cut-off has passed.",
    "APPROVAL_EXPIRED": "The time to decide or to send is over.",
    "APPROVAL_LIMITS_CHANGED": "The risk limits changed since the card was shown.",
    "APPROVAL_RECONNECTED": "The link to the broker was renewed since the card was shown.",
    "APPROVAL_PRICE_MISSING": "A price the card showed is missing now.",
    "APPROVAL_PRICE_MOVED": "A price moved further than allowed since the card was shown.",
    "CHECK_BLOCKED": "A risk check blocks it now.",
    "PHRASE_WRONG": "The typed line is not the word and the challenge.",
}

__all__ = [
    "REASONS",
    "ApprovedContent",
    "ApprovedOrder",
    "Approver",
    "Decision",
    "Phase",
    "Present",
    "Request",
    "RequestState",
    "Rules",
    "Shown",
    "Situation",
    "age_problem",
    "approval_digest",
    "approve",
    "authority_problem",
    "canonical_json",
    "challenge",
    "drift_problem",
    "expires_at",
    "phrase",
    "reject",
    "typed_matches",
]
