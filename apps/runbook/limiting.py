"""What other limits would do to the plans that wait: judged again by the same checks, nothing is kept."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from apps.approvals.models import Request
from apps.approvals.queries import waiting
from apps.plans.queries import taken_lines
from apps.risk.actions.judge import judge_contexts, worst_of
from apps.risk.models import LimitSet
from apps.risk.queries import limits_in_force
from apps.runbook.situation import contexts_of_lines
from tradingdesk.domain.risk import AT_PROPOSAL, Outcome


@dataclass(frozen=True, slots=True)
class Effect:
    """Plans that wait, and how many of them pass now and would pass then."""

    waiting: int
    now: int
    then: int

    @property
    def told(self) -> str:
        if not self.waiting:
            return "No plan waits."
        gained = self.then - self.now
        of = f"of {self.waiting} waiting plans"
        if gained > 0:
            return f"{gained} {of} would now pass."
        return f"{-gained} {of} would no longer pass." if gained < 0 else f"It changes none {of}."


def effect_of_limits(values: Mapping[str, Decimal], *, scope: str, now: datetime) -> Effect:
    """The market is left out: it is measured at the approval, and is no matter of these values."""
    standing = limits_in_force()
    merged = {name: dict(held) for name, held in standing.values.items()}
    merged.setdefault(scope, {}).update({name: str(value) for name, value in values.items()})
    then = LimitSet(version=standing.version + 1, values=merged)
    requests = list(waiting())
    return Effect(
        waiting=len(requests),
        now=sum(_passes(request, standing, now) for request in requests),
        then=sum(_passes(request, then, now) for request in requests),
    )


def _passes(request: Request, limit_set: LimitSet, now: datetime) -> bool:
    contexts = contexts_of_lines(
        taken_lines(request.plan_id),
        account=request.account,
        strategy=request.strategy,
        limit_set=limit_set,
        now=now,
    )
    return worst_of(judge_contexts(contexts, checks=AT_PROPOSAL)) is not Outcome.BLOCK
