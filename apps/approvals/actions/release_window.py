"""Let a window go: the other of the two conditional UPDATEs, against the database's clock."""

from datetime import timedelta
from typing import Any

from apps.approvals.actions.decide import TOPICS
from apps.approvals.models import Request, Window
from apps.journal.actions.write_entry import write_entry
from apps.journal.database_clock import DatabaseNow
from apps.journal.ports import Actor

LATE_AFTER = timedelta(seconds=15)
LINK = Actor("link", "link")


def release_window(window: Window, *, how: dict[str, Any]) -> bool:
    """In the transaction that also writes the tickets. False: somebody cancelled, held, or it is too late."""
    won = Window.objects.filter(
        pk=window.pk,
        state=Window.OPEN,
        row_version=window.row_version,
        send_at__lte=DatabaseNow(),
        send_at__gte=DatabaseNow() - LATE_AFTER,
    ).update(
        state=Window.RELEASED,
        row_version=window.row_version + 1,
        closed_at=DatabaseNow(),
        closed_by=window.hurried_by or LINK.name,
    )
    window.refresh_from_db()
    if not won or window.closed_at is None or window.send_at is None:
        return False
    request = window.request
    late = (window.closed_at - window.send_at).total_seconds()
    waited = (window.closed_at - request.opened_at).total_seconds()
    told = how | {"waited_s": round(waited, 1), "late_s": round(late, 3), "by": "window"}
    Request.objects.filter(pk=request.pk, state=Request.COUNTING).update(
        state=Request.APPROVED,
        row_version=request.row_version + 1,
        decided_at=window.closed_at,
        decided_by=window.hurried_by or "window",
        decision=told,
    )
    request.refresh_from_db()
    write_entry(
        "release_window",
        subject=window,
        actor=Actor("user", window.hurried_by) if window.hurried_by else LINK,
        account=request.account.code,
        before={"state": Window.OPEN},
        after={"state": Window.RELEASED, "request": request.pk, **told},
        topics=TOPICS,
    )
    return True
