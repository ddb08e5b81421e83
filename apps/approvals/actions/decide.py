"""Decide a request, once. One conditional UPDATE is the decision; the second is told who was first."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from apps.approvals.models import Request
from apps.approvals.queries import as_value
from apps.journal.actions.write_entry import write_entry
from apps.journal.ports import SYSTEM, Actor
from tradingdesk.domain.approvals import Approver, Decision, RequestState, Rules, Situation
from tradingdesk.domain.approvals import approve as decide_approval
from tradingdesk.domain.approvals import reject as decide_rejection
from tradingdesk.domain.money import Reason

TOPICS = ("review", "plans", "orders")


@dataclass(frozen=True, slots=True)
class Decided:
    """What the request is now, and why it did not become what was asked for, if it did not."""

    request: Request
    reason: Reason | None

    @property
    def approved(self) -> bool:
        return self.reason is None and self.request.state == Request.APPROVED


def approve(
    request: Request,
    approver: Approver,
    situation: Situation,
    *,
    actor: Actor,
    how: dict[str, Any],
    reason: str = "",
) -> Decided:
    """Runs inside the transaction that also writes the tickets: approved and written, or neither."""
    decision = decide_approval(as_value(request), approver, situation, rules=Rules())
    if decision.approved:
        return _settle(request, decision, actor=actor, now=situation.now, how=how, said=reason)
    if decision.state is RequestState.EXPIRED:
        _settle(request, decision, actor=SYSTEM, now=situation.now, how={}, said="")
    else:
        _tell_refusal(request, decision, actor)
    request.refresh_from_db()
    return Decided(request, decision.reason)


@transaction.atomic
def reject(request: Request, *, actor: Actor, reason: str, now: datetime, how: dict[str, Any]) -> Decided:
    decision = decide_rejection(as_value(request), reason)
    if decision.state is not RequestState.REJECTED or request.state != Request.PROPOSED:
        return Decided(request, decision.reason)
    settled = _settle(request, decision, actor=actor, now=now, how=how, said=reason)
    return settled if settled.reason else Decided(settled.request, None)


@transaction.atomic
def expire(request: Request, *, now: datetime, reason: Reason) -> bool:
    """Time decides. False: somebody was quicker."""
    decision = Decision(RequestState.EXPIRED, reason)
    return _settle(request, decision, actor=SYSTEM, now=now, how={}, said="").request.state == Request.EXPIRED


def _settle(
    request: Request, decision: Decision, *, actor: Actor, now: datetime, how: dict[str, Any], said: str
) -> Decided:
    state = decision.state.value
    won = Request.objects.filter(
        pk=request.pk, row_version=request.row_version, state=Request.PROPOSED, digest=request.digest
    ).update(
        state=state,
        row_version=request.row_version + 1,
        decided_at=now,
        decided_by=actor.name,
        decision=how | {"waited_s": round((now - request.opened_at).total_seconds(), 1)},
        reason_code=decision.reason.code if decision.reason else "",
        reason=said or (decision.reason.text if decision.reason else ""),
    )
    request.refresh_from_db()
    if not won:
        who = f"{request.decided_by}, {request.decided_at:%H:%M:%S} UTC" if request.decided_at else "somebody"
        return Decided(request, Reason("REQUEST_ALREADY_DECIDED", f"{request.state} by {who}"))
    write_entry(
        f"request_{state}",
        subject=request,
        actor=actor,
        account=request.account.code,
        reason_code=request.reason_code,
        reason=request.reason,
        before={"state": "proposed"},
        after={"state": state, "digest": request.digest, **request.decision},
        topics=TOPICS,
    )
    return Decided(request, None)


def _tell_refusal(request: Request, decision: Decision, actor: Actor) -> None:
    reason = decision.reason or Reason("REQUEST_CHANGED", "it changed")
    write_entry(
        "refuse_approval",
        subject=request,
        actor=actor,
        account=request.account.code,
        reason_code=reason.code,
        reason=reason.text,
        topics=("review",),
    )
