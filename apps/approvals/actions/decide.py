"""Decide a request, once. One conditional UPDATE is the decision; the second is told who was first."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from apps.approvals.models import Grant, Request
from apps.approvals.queries import as_value
from apps.journal.actions.write_entry import write_entry
from apps.journal.ports import SYSTEM, Actor
from apps.operators.queries import require
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
    blocked: Reason | None = None,
    rules: Rules | None = None,
) -> Decided:
    """Runs inside the transaction that also writes the tickets: approved and written, or neither.

    `blocked` names the check that blocks, for the person who is refused.
    """
    if request.state != Request.PROPOSED:
        return Decided(request, already_decided(request))
    decision = decide_approval(as_value(request), approver, situation, rules=rules or Rules())
    if decision.approved:
        return _settle(request, decision, actor=actor, now=situation.now, how=how, said=reason)
    if decision.state is RequestState.EXPIRED:
        settled = _settle(request, decision, actor=SYSTEM, now=situation.now, how={}, said="")
        return settled if settled.reason else Decided(settled.request, decision.reason)
    told = decision.reason or Reason("REQUEST_CHANGED", "it changed")
    if told.code == "CHECK_BLOCKED" and blocked is not None:
        told = Reason(told.code, blocked.text)
    _tell_refusal(request, told, actor)
    return Decided(request, told)


def already_decided(request: Request) -> Reason:
    """Who was first, and when: what everybody else is told."""
    who = f" by {request.decided_by}" if request.decided_by else ""
    when = f" at {request.decided_at:%H:%M:%S} UTC" if request.decided_at else ""
    return Reason("REQUEST_ALREADY_DECIDED", f"already {request.state}{who}{when}")


@transaction.atomic
def reject(request: Request, *, actor: Actor, reason: str, now: datetime, how: dict[str, Any]) -> Decided:
    require(actor, "reject", request.account.code)
    if request.state != Request.PROPOSED:
        return Decided(request, already_decided(request))
    decision = decide_rejection(as_value(request), reason)
    if decision.state is not RequestState.REJECTED:
        return Decided(request, decision.reason)
    return _settle(request, decision, actor=actor, now=now, how=how, said=reason)


@transaction.atomic
def expire(request: Request, *, now: datetime, reason: Reason, how: dict[str, Any] | None = None) -> bool:
    """Time decides. False: somebody was quicker."""
    decision = Decision(RequestState.EXPIRED, reason)
    settled = _settle(request, decision, actor=SYSTEM, now=now, how=how or {}, said="")
    return settled.request.state == Request.EXPIRED


@transaction.atomic
def take_back(
    request: Request,
    *,
    actor: Actor,
    reason: str,
    now: datetime,
    how: dict[str, Any],
    superseded: bool = False,
) -> Decided:
    """Withdrawn by a person, or overtaken by a version of its own plan."""
    require(actor, "edit_plan" if superseded else "withdraw", request.account.code)
    state = RequestState.SUPERSEDED if superseded else RequestState.WITHDRAWN
    code = "REQUEST_SUPERSEDED" if superseded else "REQUEST_WITHDRAWN"
    decision = Decision(state, Reason(code, reason.strip() or code.replace("_", " ").lower()))
    return _settle(request, decision, actor=actor, now=now, how=how, said=reason.strip())


def approve_under(grant: Grant, request: Request, *, now: datetime, how: dict[str, Any]) -> Decided:
    """Nobody looked: a standing grant says that nobody has to. In the transaction that writes the tickets."""
    request.grant = grant
    Request.objects.filter(pk=request.pk, state=Request.PROPOSED).update(grant=grant)
    decision = Decision(RequestState.APPROVED)
    return _settle(request, decision, actor=Actor("system", f"grant {grant.pk}"), now=now, how=how, said="")


def _settle(
    request: Request, decision: Decision, *, actor: Actor, now: datetime, how: dict[str, Any], said: str
) -> Decided:
    state = decision.state.value
    standing = Request.objects.filter(
        pk=request.pk, row_version=request.row_version, state=Request.PROPOSED, digest=request.digest
    )
    settled: dict[str, Any] = {
        "state": state,
        "row_version": request.row_version + 1,
        "decided_at": now,
        "decided_by": actor.name,
        "decision": how | {"waited_s": round((now - request.opened_at).total_seconds(), 1)},
        "reason_code": decision.reason.code if decision.reason else "",
        "reason": said or (decision.reason.text if decision.reason else ""),
    }
    if not standing.update(**settled):
        request.refresh_from_db(fields=[*settled, "digest"])
        return Decided(request, already_decided(request))
    for name, value in settled.items():
        setattr(request, name, value)
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


def _tell_refusal(request: Request, reason: Reason, actor: Actor) -> None:
    write_entry(
        "refuse_approval",
        subject=request,
        actor=actor,
        account=request.account.code,
        reason_code=reason.code,
        reason=reason.text,
        topics=("review",),
    )
