"""Cancel what has not been released: one conditional UPDATE. The release is another; one of them wins."""

from typing import Any

from django.db import transaction

from apps.approvals.models import Request, Window
from apps.journal.actions.write_entry import write_entry
from apps.journal.database_clock import DatabaseNow
from apps.journal.ports import Actor
from apps.operators.queries import require

CODE = "WINDOW_CANCELLED"


@transaction.atomic
def cancel_window(window_id: int, *, actor: Actor, how: dict[str, Any]) -> bool:
    """True: nothing of it was sent, nor will be. False: it ended before, and the row says how."""
    rows = Window.objects.filter(pk=window_id)
    require(actor, "cancel", rows.values_list("request__account__code", flat=True).get())
    won = Window.objects.filter(pk=window_id, state__in=Window.RUNNING).update(
        state=Window.CANCELLED,
        closed_at=DatabaseNow(),
        closed_by=actor.name,
        reason_code=CODE,
        reason=f"cancelled by {actor.name}",
    )
    if not won:
        return False
    window = Window.objects.select_related("request__account").get(pk=window_id)
    request = window.request
    waited = (window.closed_at - request.opened_at).total_seconds() if window.closed_at else 0.0
    left = (
        (window.send_at - window.closed_at).total_seconds() if window.send_at and window.closed_at else None
    )
    Request.objects.filter(pk=request.pk, state=Request.COUNTING).update(
        state=Request.CANCELLED,
        row_version=request.row_version + 1,
        decided_at=window.closed_at,
        decided_by=actor.name,
        decision=how | {"waited_s": round(waited, 1), "left_s": None if left is None else round(left, 3)},
        reason_code=CODE,
        reason=window.reason,
    )
    write_entry(
        "cancel_window",
        subject=window,
        actor=actor,
        account=request.account.code,
        reason_code=CODE,
        reason=window.reason,
        after={"state": Window.CANCELLED, "request": request.pk, "left_s": left},
        topics=("review", "plans"),
    )
    return True
