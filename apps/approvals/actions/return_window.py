"""Give a window's request back to people: it waits in crawl, and the reason stands on its card."""

from datetime import timedelta

from django.db import transaction

from apps.approvals.models import Request, Window
from apps.journal.actions.write_entry import write_entry
from apps.journal.database_clock import DatabaseNow, database_now
from apps.journal.ports import SYSTEM, Actor
from tradingdesk.domain.money import Reason

TO_DECIDE = timedelta(minutes=10)


@transaction.atomic
def return_window(window: Window, reason: Reason, *, actor: Actor = SYSTEM) -> bool:
    """False: it was released or cancelled first."""
    before = window.state
    won = Window.objects.filter(pk=window.pk, state__in=Window.RUNNING).update(
        state=Window.RETURNED,
        row_version=window.row_version + 1,
        closed_at=DatabaseNow(),
        closed_by=actor.name,
        reason_code=reason.code,
        reason=reason.text,
    )
    window.refresh_from_db()
    if not won:
        return False
    request = Request.objects.select_related("account").get(pk=window.request_id)
    Request.objects.filter(pk=request.pk, state=Request.COUNTING).update(
        state=Request.PROPOSED,
        phase="crawl",
        phase_code=reason.code,
        phase_reason=reason.text,
        row_version=request.row_version + 1,
        expires_at=min(database_now() + TO_DECIDE, request.cutoff_at),
    )
    write_entry(
        "return_window",
        subject=window,
        actor=actor,
        account=request.account.code,
        reason_code=reason.code,
        reason=reason.text,
        before={"state": before, "phase": "walk"},
        after={"state": Window.RETURNED, "phase": "crawl", "request": request.pk},
        topics=("review", "alerts"),
    )
    return True
