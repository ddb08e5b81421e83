"""Less of a plan: a new version, judged anew, under a new digest. Whatever was approved before is void."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from apps.approvals.actions.decide import already_decided, take_back
from apps.approvals.actions.tighten_plan import tighten_plan
from apps.approvals.models import Request
from apps.approvals.queries import locked_request
from apps.journal.ports import Actor
from apps.plans.actions.revise_plan import revise_plan
from apps.plans.models import Plan
from apps.plans.queries import taken_lines
from apps.runbook.road import propose
from tradingdesk.domain.approvals import Cut, cut_problem
from tradingdesk.domain.money import Reason


@transaction.atomic
def cut_request(
    request_id: int,
    wished: Mapping[int, Decimal],
    *,
    row_version: int,
    actor: Actor,
    now: datetime,
    how: dict[str, Any],
) -> Request | Reason:
    """The request of the new version, or why there is none. A person changed it, so a person decides it."""
    request = locked_request(request_id)
    if request.state != Request.PROPOSED:
        return already_decided(request)
    if request.row_version != row_version:
        return Reason("REQUEST_CHANGED", "the request changed since the page was opened")
    standing = {line.number: line.quantity for line in taken_lines(request.plan_id)}
    problem = cut_problem(Cut(standing=standing, wished=wished))
    if problem is not None:
        return problem
    plan = Plan.objects.select_related("strategy", "account").get(pk=request.plan_id)
    revised = revise_plan(plan, {**standing, **wished}, actor=actor, now=now)
    why = f"{actor.name} made it version {revised.version}"
    take_back(request, actor=actor, reason=why, now=now, how=how, superseded=True)
    tighten_plan(revised, "crawl", actor=actor, reason=why, now=now)
    return propose(revised, now) or Reason("PLAN_NOTHING_LEFT", "nothing of it is left to propose")
