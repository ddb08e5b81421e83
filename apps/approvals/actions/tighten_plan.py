"""Put one plan under stricter eyes than its strategy. It is never loosened again."""

from datetime import datetime

from django.db import transaction

from apps.approvals.actions.return_window import return_window
from apps.approvals.models import Request, Tightening, Window
from apps.journal.actions.write_entry import write_entry
from apps.journal.ports import Actor
from apps.plans.models import Plan
from tradingdesk.domain.approvals import Phase, strictest
from tradingdesk.domain.money import Reason

CODE = "PHASE_TIGHTENED"


@transaction.atomic
def tighten_plan(plan: Plan, phase: str, *, actor: Actor, reason: str, now: datetime) -> Tightening:
    """What waits in a laxer phase comes to people at once; what was sent is not touched."""
    row = Tightening.objects.select_for_update().filter(plan=plan).first()
    before = row.phase if row else None
    row = row or Tightening(plan=plan)
    row.phase = strictest(Phase(phase), Phase(before) if before else None).value
    row.by, row.at, row.reason = actor.name, now, reason.strip()
    row.save()
    write_entry(
        "tighten_plan",
        subject=plan,
        actor=actor,
        account=plan.account.code,
        reason=row.reason,
        before={"phase": before},
        after={"phase": row.phase},
        topics=("plans", "review"),
    )
    if row.phase == Phase.CRAWL.value:
        why = Reason(CODE, f"{actor.name} wants it looked at: {row.reason}")
        running = Window.objects.filter(request__plan=plan, state__in=Window.RUNNING).first()
        if running is not None:
            return_window(running, why, actor=actor)
        Request.objects.filter(plan=plan, state=Request.PROPOSED, phase=Phase.RUN.value).update(
            phase=Phase.CRAWL.value, phase_code=why.code, phase_reason=why.text
        )
    return row
