"""The gate of run: released at once, under a grant that somebody gave and can take back."""

from datetime import datetime

from django.db import transaction

from apps.approvals.actions.decide import approve_under
from apps.approvals.actions.give_grant import spend_grant
from apps.approvals.actions.move_request import bring_to_crawl
from apps.approvals.models import Grant, Request
from apps.approvals.queries import grant_value, locked_request, standing_grant, tightened_to, to_run
from apps.desks.queries import phase_of
from apps.journal.ports import SYSTEM
from apps.runbook.content import groups_of
from apps.runbook.gate import drift_of, look_again
from apps.runbook.road import first_block
from apps.tickets.actions.write_tickets import write_tickets
from tradingdesk.domain.approvals import Phase, grant_problem, strictest
from tradingdesk.domain.approvals.expiry import age_problem
from tradingdesk.domain.money import Reason
from tradingdesk.domain.risk import Outcome
from tradingdesk.domain.risk.stops import stop_problem


def release_granted(now: datetime) -> str:
    """Each request of the run phase, once: sent under its grant, or brought to a person with the reason."""
    told = []
    for number in to_run().values_list("pk", flat=True):
        problem = run_request(number, now)
        told.append(f"request {number}: {problem.code if problem else 'released'}")
    return "; ".join(told)


@transaction.atomic
def run_request(request_id: int, now: datetime) -> Reason | None:
    """None: released. A reason: it waits in crawl."""
    request = locked_request(request_id)
    if request.state != Request.PROPOSED or request.phase != Phase.RUN.value:
        return None
    standing = standing_grant(request.strategy_id, request.account_id)
    grant = Grant.objects.select_for_update().get(pk=standing.pk) if standing else None
    problem = _problem(request, grant, now)
    if problem is None and grant is not None:
        look = look_again(request, stage="release", now=now)
        problem = stop_problem(look.situation.stop, reduces=False)
        if problem is None and look.situation.outcome is not Outcome.PASS:
            problem = first_block(look.judged) or Reason("WARNING_UNEXPLAINED", "a check warns")
        if problem is None and look.situation.digest != request.digest:
            problem = Reason("APPROVAL_CONTENT_CHANGED", "what would be sent is not what was judged")
        if problem is None:
            how = {"by": "grant", "drift_bps": drift_of(request, look.situation.present.mids)}
            decided = approve_under(grant, request, now=now, how=how)
            spend_grant(grant, request)
            groups = groups_of(request.plan_id, look.lines)
            write_tickets(decided.request, groups, actor=SYSTEM, now=now)
            return None
    assert problem is not None
    bring_to_crawl(request, problem)
    return problem


def _problem(request: Request, grant: Grant | None, now: datetime) -> Reason | None:
    allowed = strictest(
        Phase(phase_of(request.strategy, request.account)), tightened_to(request.plan_id) or Phase.RUN
    )
    if allowed is not Phase.RUN:
        return Reason("PHASE_TIGHTENED", f"the strategy or this plan is at {allowed} now")
    value = grant_value(grant) if grant else None
    return grant_problem(value, request.notional, now) or age_problem(
        now, expires=request.expires_at, cut_off=request.cutoff_at
    )
