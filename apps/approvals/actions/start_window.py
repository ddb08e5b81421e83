"""Begin the countdown, now that an alert was delivered; or give the request to people, because none was."""

from datetime import timedelta
from typing import Any

from django.db import transaction

from apps.approvals.actions.return_window import return_window
from apps.approvals.models import Request, Window
from apps.approvals.queries import window_value
from apps.journal.actions.write_entry import write_entry
from apps.journal.database_clock import database_now
from apps.journal.ports import SYSTEM
from tradingdesk.domain.approvals import open_window
from tradingdesk.domain.money import Reason

SENDING = timedelta(minutes=10)  # after the window, in which its orders may still leave


@transaction.atomic
def start_window(window_id: int, *, delivered: list[dict[str, Any]]) -> Reason | None:
    """None: it counts. A reason: it does not, and the request waits in crawl or was ended before."""
    window = (
        Window.objects.select_for_update(of=("self",)).select_related("request__account").get(pk=window_id)
    )
    now = database_now()
    opening = open_window(window_value(window), delivered=len(delivered), now=now)
    if isinstance(opening, Reason):
        if window.state == Window.ASKED:
            return_window(window, opening)
        return opening
    window.state, window.row_version = Window.OPEN, window.row_version + 1
    window.opened_at, window.send_at, window.ends_at = now, opening.send_at, opening.ends_at
    window.delivered = delivered
    window.save()
    keep_alive(window)
    write_entry(
        "open_window",
        subject=window,
        actor=SYSTEM,
        account=window.request.account.code,
        before={"state": Window.ASKED},
        after={
            "state": Window.OPEN, "send_at": window.send_at, "ends_at": window.ends_at,
            "delivered": [told["channel"] for told in delivered],
        },
        topics=("review",),
    )  # fmt: skip
    return None


def keep_alive(window: Window) -> None:
    """The request is good for as long as its window, and a while to send it in."""
    request = window.request
    assert window.send_at is not None
    until = min(window.send_at + SENDING, request.cutoff_at)
    Request.objects.filter(pk=request.pk).update(expires_at=until)
