"""The gate of crawl: a person's word on exactly what the card showed, with everything looked at again.

A refusal sends nothing. Where the world moved on since the card was drawn, the refusal leaves the card anew:
the prices and limits of now, a new digest, a new line to type.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from apps.approvals.actions.decide import Decided, already_decided, approve, expire
from apps.approvals.actions.decide import reject as decide_rejection
from apps.approvals.actions.decide import take_back as decide_withdrawal
from apps.approvals.actions.move_request import freeze_again
from apps.approvals.models import Request
from apps.approvals.queries import as_value, locked_request, waiting
from apps.broker.queries import session_of_link
from apps.journal.ports import Actor
from apps.journal.statements import put
from apps.operators.queries import standing_of_name
from apps.plans.actions.mark_lines import set_plan_state
from apps.plans.models import Line, Plan
from apps.plans.queries import taken_lines
from apps.risk.actions.change_limits import values_of
from apps.risk.actions.judge import Judged, judge_contexts, keep_verdicts, worst_of
from apps.risk.models import LimitSet
from apps.risk.queries import limits_in_force, stop_level
from apps.runbook.content import content_of, groups_of, mids_in, mids_of
from apps.runbook.road import contexts_of_plan, first_block
from apps.tickets.actions.write_tickets import write_tickets
from tradingdesk.domain.approvals import Approver, Present, Rules, Situation, approval_digest
from tradingdesk.domain.approvals.expiry import age_problem
from tradingdesk.domain.money import Reason
from tradingdesk.domain.risk.stops import StopLevel

# The world moved on, and the card can follow it.
SHOWN_ANEW = frozenset({"APPROVAL_LIMITS_CHANGED", "APPROVAL_RECONNECTED", "APPROVAL_PRICE_MOVED"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """What a person sent with the form."""

    typed: str
    digest: str
    row_version: int
    reason: str = ""
    proved: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """Everything as it is now, under the account's lock."""

    lines: list[Line]
    limit_set: LimitSet
    judged: list[Judged]
    situation: Situation


def look_again(request: Request, *, stage: str, now: datetime) -> Look:
    """All checks, the content, the prices, the stop level. The verdicts are kept."""
    of_plan, in_force = taken_lines.ask(request.plan_id), limits_in_force.ask()
    stop = stop_level.ask(account_code=request.account.code, strategy=request.strategy.name)
    link = session_of_link.ask(request.account.gateway_id)
    put(of_plan, in_force, stop, link)
    lines, limit_set, (level, _) = of_plan.answer(), in_force.answer(), stop.answer()
    contexts = contexts_of_plan(request.plan, lines, limit_set, now)
    judged = judge_contexts(contexts)
    keep_verdicts(judged, kind="request", subject_id=request.pk, stage=stage, limit_set=limit_set, now=now)
    content = content_of(
        request.plan, lines, request.limit_set, nonce=request.nonce, cut_off=request.cutoff_at
    )
    situation = Situation(
        now=now,
        digest=approval_digest(content),
        present=Present(
            limit_set=limit_set.version,
            link_session=link.answer(),
            mids=mids_in(contexts),
            names={context.contract.con_id: context.contract.symbol for _, context in contexts},
        ),
        outcome=worst_of(judged),
        stop=StopLevel[level],
    )
    return Look(lines=lines, limit_set=limit_set, judged=judged, situation=situation)


def rules_of(request: Request, limit_set: LimitSet) -> Rules:
    """The house's strictness here: four eyes by the strategy's own switch, and for everybody above a sum."""
    limits = values_of(limit_set, f"account:{request.account.code}", f"strategy:{request.strategy.name}")
    return Rules(
        four_eyes=bool(request.strategy.parameters.get("four_eyes")),
        four_eyes_above=limits["four_eyes_above"],
        max_drift_bps=limits["price_drift"],
    )


@transaction.atomic
def approve_request(
    request_id: int, word: Word, *, actor: Actor, how: dict[str, Any], now: datetime
) -> Decided:
    """Everything again under the account's lock: checks, content, prices, limits. All of it or nothing."""
    request = locked_request(request_id)
    if request.state != Request.PROPOSED:
        return Decided(request, already_decided(request))
    look = look_again(request, stage="approval", now=now)
    approver = Approver(
        name=actor.name,
        may_approve=standing_of_name(actor.name).may("approve", request.account.code),
        typed=word.typed,
        digest=word.digest,
        row_version=word.row_version,
        reason=word.reason,
        proved=word.proved,
    )
    decided = approve(
        request,
        approver,
        look.situation,
        actor=actor,
        how=how | {"drift_bps": drift_of(request, look.situation.present.mids)},
        reason=word.reason,
        blocked=first_block(look.judged),
        rules=rules_of(request, look.limit_set),
    )
    if decided.approved:
        write_tickets(decided.request, groups_of(request.plan_id, look.lines), actor=actor, now=now)
    elif decided.reason is not None and decided.reason.code in SHOWN_ANEW:
        show_anew(decided.request, look, why=decided.reason)
    return decided


def show_anew(request: Request, look: Look, *, why: Reason) -> None:
    """The card at the prices and limits of now; nothing of it was sent."""
    present = look.situation.present
    freeze_again(
        request,
        lambda nonce: content_of(
            request.plan, look.lines, look.limit_set, nonce=nonce, cut_off=request.cutoff_at
        ),
        limit_set=look.limit_set,
        shown={
            "mids": {str(con_id): str(mid) for con_id, mid in present.mids.items()},
            "link_session": present.link_session,
            "before": request.shown.get("mids", {}),
        },
        why=why,
    )


def drift_of(request: Request, mids: dict[int, Decimal] | Any) -> str | None:
    """The widest move of a price since the card was drawn, in basis points; None when one is missing."""
    moves = []
    for con_id, before in as_value(request).shown.mids.items():
        after = mids.get(con_id)
        if after is None or not after.is_finite() or not before:
            return None
        moves.append(abs(after - before) / before * 10_000)
    return f"{max(moves):.1f}" if moves else None


def _waited(request: Request) -> dict[str, Any]:
    return {"drift_bps": drift_of(request, mids_of(taken_lines(request.plan_id)))}


def reject_request(
    request: Request, *, actor: Actor, reason: str, now: datetime, how: dict[str, Any]
) -> Decided:
    return decide_rejection(request, actor=actor, reason=reason, now=now, how=how | _waited(request))


@transaction.atomic
def withdraw_request(
    request: Request, *, actor: Actor, reason: str, now: datetime, how: dict[str, Any]
) -> Decided:
    """The plan goes with it: whoever wants it after all hands it in anew."""
    how = how | _waited(request)
    decided = decide_withdrawal(request, actor=actor, reason=reason, now=now, how=how)
    if decided.reason is None:
        plan = Plan.objects.select_related("account").get(pk=request.plan_id)
        set_plan_state(plan, Plan.WITHDRAWN, actor=actor, reason=Reason("REQUEST_WITHDRAWN", reason))
    return decided


def expire_requests(now: datetime) -> int:
    """Time decides what nobody did."""
    late = [(row, age_problem(now, expires=row.expires_at, cut_off=row.cutoff_at)) for row in waiting()]
    return sum(
        expire(row, now=now, reason=reason, how=_waited(row)) for row, reason in late if reason is not None
    )
