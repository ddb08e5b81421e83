from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from tradingdesk.domain.approvals import (
    REASONS,
    Approver,
    Present,
    Request,
    RequestState,
    Rules,
    Shown,
    Situation,
    approve,
    authority_problem,
    expires_at,
    reject,
)
from tradingdesk.domain.risk import Outcome, StopLevel

D = Decimal
NOW = datetime(2026, 2, 18, 15, tzinfo=UTC)
CUT_OFF = NOW + timedelta(hours=5)
DIGEST = "9f3c" + "0" * 60
SHOWN = Shown(limit_set=3, link_session=7, mids={13272: D(100)})
PRESENT = Present(limit_set=3, link_session=7, mids={13272: D("100.5")})
REQUEST = Request(
    state=RequestState.PROPOSED,
    row_version=4,
    digest=DIGEST,
    challenge="41285 9F3C",
    author="ana",
    notional=D(41285),
    expires_at=NOW + timedelta(minutes=10),
    cut_off=CUT_OFF,
    shown=SHOWN,
)
APPROVER = Approver(
    name="ben",
    may_approve=True,
    typed="EXECUTE 41285 9F3C",
    digest=DIGEST,
    row_version=4,
    reason="wide, but it is lunch",
)
SITUATION = Situation(now=NOW, digest=DIGEST, present=PRESENT, outcome=Outcome.WARN)


def decide(*, request=None, approver=None, situation=None, rules=None):
    return approve(
        replace(REQUEST, **(request or {})),
        replace(APPROVER, **(approver or {})),
        replace(SITUATION, **(situation or {})),
        rules=Rules(**(rules or {})),
    )


def test_the_right_person_the_right_line_and_an_unchanged_world_approve():
    assert decide().approved
    assert decide(rules={"four_eyes": True}).approved


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"approver": {"may_approve": False}}, "APPROVER_NOT_PERMITTED"),
        ({"approver": {"name": "ana"}, "rules": {"four_eyes": True}}, "APPROVER_IS_AUTHOR"),
        ({"approver": {"name": "ana"}, "rules": {"four_eyes_above": D(40_000)}}, "APPROVER_IS_AUTHOR"),
        ({"approver": {"row_version": 3}}, "REQUEST_CHANGED"),
        ({"approver": {"digest": "0" * 64}}, "APPROVAL_CONTENT_CHANGED"),
        ({"situation": {"digest": "0" * 64}}, "APPROVAL_CONTENT_CHANGED"),
        ({"situation": {"outcome": Outcome.BLOCK}}, "CHECK_BLOCKED"),
        ({"situation": {"stop": StopLevel.HALTED}}, "STOP_HALTED"),
        ({"situation": {"present": replace(PRESENT, limit_set=4)}}, "APPROVAL_LIMITS_CHANGED"),
        ({"situation": {"present": replace(PRESENT, link_session=8)}}, "APPROVAL_RECONNECTED"),
        ({"situation": {"present": replace(PRESENT, mids={})}}, "APPROVAL_PRICE_MISSING"),
        ({"situation": {"present": replace(PRESENT, mids={13272: D("NaN")})}}, "APPROVAL_PRICE_MISSING"),
        ({"situation": {"present": replace(PRESENT, mids={13272: D("101.01")})}}, "APPROVAL_PRICE_MOVED"),
        ({"approver": {"typed": "EXECUTE"}}, "PHRASE_WRONG"),
        ({"approver": {"reason": "too short"}}, "WARNING_UNEXPLAINED"),
        ({"approver": {"proved": False}}, "PROOF_STALE"),
    ],
)
def test_each_flaw_leaves_the_request_waiting_with_its_reason(changes, code):
    decision = decide(**changes)
    assert (decision.state, decision.reason.code) == (RequestState.PROPOSED, code)
    assert code in REASONS or code == "STOP_HALTED"


def test_the_author_may_approve_a_small_plan_where_four_eyes_is_off():
    assert decide(approver={"name": "ana"}, rules={"four_eyes_above": D(41285)}).approved


@pytest.mark.parametrize(
    ("now", "code"), [(REQUEST.expires_at, "APPROVAL_EXPIRED"), (CUT_OFF, "APPROVAL_CUT_OFF")]
)
def test_a_late_decision_expires_the_request(now, code):
    decision = decide(situation={"now": now})
    assert (decision.state, decision.reason.code) == (RequestState.EXPIRED, code)


@pytest.mark.parametrize("state", sorted(set(RequestState) - {RequestState.PROPOSED}))
def test_a_request_is_decided_once(state):
    for decision in (decide(request={"state": state}), reject(replace(REQUEST, state=state), "no")):
        assert (decision.state, decision.reason.code) == (state, "REQUEST_ALREADY_DECIDED")


def test_a_rejection_says_why():
    assert reject(REQUEST, "  ").reason.code == "REJECTION_UNEXPLAINED"
    decision = reject(REQUEST, " too wide ")
    assert (decision.state, decision.reason.text) == (RequestState.REJECTED, "too wide")


def test_the_approval_is_asked_for_again_at_the_claim():
    approved = replace(REQUEST, state=RequestState.APPROVED)
    assert authority_problem(approved, SITUATION) is None
    assert authority_problem(REQUEST, SITUATION).code == "APPROVAL_ABSENT"
    edited = replace(SITUATION, digest="0" * 64)
    assert authority_problem(approved, edited).code == "APPROVAL_CONTENT_CHANGED"
    late = replace(SITUATION, now=REQUEST.expires_at)
    assert authority_problem(approved, late).code == "APPROVAL_EXPIRED"


def test_a_request_never_outlives_its_cut_off():
    assert expires_at(NOW, CUT_OFF) == NOW + timedelta(minutes=10)
    assert expires_at(NOW, NOW + timedelta(minutes=3)) == NOW + timedelta(minutes=3)
