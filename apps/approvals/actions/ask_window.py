"""Put a request into its window: somebody is told first, and only then does the countdown begin."""

from datetime import datetime

from apps.approvals.models import Request, Window
from apps.journal.actions.write_entry import write_entry
from apps.journal.ports import SYSTEM


def ask_window(request: Request, *, seconds: int, sent_first: bool, now: datetime) -> Window:
    """In the transaction that opens the request. The alert goes out by itself, from the row."""
    window = Window.objects.create(request=request, seconds=seconds, sent_first=sent_first, asked_at=now)
    write_entry(
        "ask_window",
        subject=window,
        actor=SYSTEM,
        account=request.account.code,
        after={"request": request.pk, "seconds": seconds, "sent_first": sent_first},
        topics=("review", "alerts"),
    )
    return window
