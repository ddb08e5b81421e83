"""A strategy says anew what it wants today: what nobody has decided yet gives way to it."""

from datetime import datetime

from django.db import transaction

from apps.approvals.actions.cancel_window import cancel_window
from apps.approvals.actions.decide import take_back
from apps.approvals.models import Request, Window
from apps.approvals.queries import request_of_plan
from apps.desks.models import Account
from apps.journal.actions.write_entry import write_entry
from apps.journal.ports import Actor
from apps.plans.actions.mark_lines import set_plan_state
from apps.plans.models import Plan
from tradingdesk.domain.money import Reason

REASONS = {
    "PLAN_SUPERSEDED": "A later plan of the same strategy, account and day took the plan's place.",
    "PLAN_BESIDE_DECIDED": "An earlier plan of the day was decided already; the later one stands beside it.",
}
UNDECIDED = (Request.EXPIRED, *Request.OPEN)


@transaction.atomic
def supersede_earlier(plan: Plan, *, actor: Actor, now: datetime) -> list[Plan]:
    """The undecided plans of the same strategy, account and day end; their digests open nothing any more.

    What was approved is never touched: its tickets may be at the broker. Under the account's lock, so that
    an approval comes first or finds its request gone.
    """
    Account.objects.select_for_update().get(pk=plan.account_id)
    rows = Plan.objects.select_for_update(of=("self",)).select_related("account")
    same = rows.filter(strategy=plan.strategy, account=plan.account, trading_day=plan.trading_day)
    ended = []
    for earlier in same.filter(state__in=[Plan.RECEIVED, Plan.PROPOSED], pk__lt=plan.pk).order_by("pk"):
        request = request_of_plan(earlier.pk)
        if request is not None and request.state not in UNDECIDED:
            _tell_beside(plan, earlier, request, actor)
        elif _end(earlier, request, plan, actor=actor, now=now):
            ended.append(earlier)
    if ended:
        plan.supersedes = ended[-1]
        plan.save(update_fields=["supersedes"])
    return ended


def _end(earlier: Plan, request: Request | None, plan: Plan, *, actor: Actor, now: datetime) -> bool:
    """False: its window was released while we looked."""
    why = Reason("PLAN_SUPERSEDED", f"plan {plan.pk} took its place")
    if request is not None and not _void(request, plan, why, actor=actor, now=now):
        _tell_beside(plan, earlier, request, actor)
        return False
    set_plan_state(earlier, Plan.SUPERSEDED, actor=actor, reason=why)
    return True


def _void(request: Request, plan: Plan, why: Reason, *, actor: Actor, now: datetime) -> bool:
    if request.state == Request.COUNTING:
        window = Window.objects.filter(request=request).latest("pk")
        return cancel_window(window.pk, actor=actor, how={"superseded_by": plan.pk})
    if request.state == Request.PROPOSED:
        how = {"superseded_by": plan.pk}
        return (
            take_back(request, actor=actor, reason=why.text, now=now, how=how, superseded=True).reason is None
        )
    return True


def _tell_beside(plan: Plan, earlier: Plan, request: Request, actor: Actor) -> None:
    write_entry(
        "plan_beside",
        subject=plan,
        actor=actor,
        account=plan.account.code,
        reason_code="PLAN_BESIDE_DECIDED",
        reason=f"plan {earlier.pk} of the same day was {request.state} before; this one stands beside it",
        topics=("plans", "review"),
    )
