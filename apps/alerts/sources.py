"""What becomes a message: windows that wait for their alert, and lines of the journal worth a word."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings

from apps.alerts import ports
from apps.alerts.actions.queue_message import queue_message
from apps.alerts.links import cancel_link, kill_link
from apps.alerts.models import Bookmark
from apps.approvals.models import Request, Window
from apps.approvals.queries import windows_asked
from apps.journal.clock import now, speed
from apps.journal.models import Entry
from apps.journal.queries import head_sequence

EXCHANGE = ZoneInfo("America/New_York")
AT_ONCE = 200


def ask_for_countdowns() -> int:
    """Every window that was asked for gets its alert, once."""
    return sum(
        queue_message(
            f"window-{window.pk}",
            ports.COUNTDOWN,
            title=countdown_title(window),
            body=countdown_body(window),
            window=window.pk,
        )
        for window in windows_asked()
    )


def countdown_title(window: Window) -> str:
    request = window.request
    where = f"{settings.MODE.upper()} {request.account.masked()}"
    return f"{where}: {request.strategy.name} sends in {window.seconds} s"


def countdown_body(window: Window) -> str:
    request = window.request
    sends = now() + timedelta(seconds=window.seconds * speed())
    when = "It is sent at once and may be cancelled until about" if window.sent_first else "It sends about"
    return "\n".join(
        [
            *order_lines(request),
            f"Plan {request.plan_id}, {request.notional:,.2f} {request.account.base_currency}.",
            f"{when} {sends.astimezone(EXCHANGE):%H:%M:%S} New York ({sends:%H:%M:%S} UTC), "
            f"{window.seconds} s after this arrived, unless you cancel.",
            f"Cancel: {cancel_link(window.pk)}",
        ]
    )


def order_lines(request: Request) -> list[str]:
    """The entries in words; a long basket is cut."""
    entries = [order for order in request.content["orders"] if order["role"] == "entry"]
    told = [
        f"{one['side']} {one['quantity'].lstrip('#')} {one['symbol']} {one['order_type']} "
        f"{(one['limit_price'] or '').lstrip('#')}".strip()
        for one in entries[:8]
    ]
    return [*told, f"and {len(entries) - 8} more"] if len(entries) > 8 else told


Telling = Callable[[Entry], tuple[str, str, str] | None]


def _stop(entry: Entry) -> tuple[str, str, str] | None:
    after: dict[str, Any] = entry.after or {}
    where = after.get("key") or "all accounts"
    title = f"{settings.MODE.upper()}: trading is {after.get('level')} for {where}"
    body = f"{entry.reason}. By {entry.actor}."
    if after.get("level") != "HALTED":
        body += f"\nStop everything: {kill_link()}"
    return ports.ALARM, title, body


def _review(entry: Entry) -> tuple[str, str, str] | None:
    request = Request.objects.filter(pk=entry.subject_id).select_related("strategy", "account").first()
    if request is None or request.phase != "crawl":
        return None
    title = f"{settings.MODE.upper()} {request.account.masked()}: {request.strategy.name} needs a review"
    lines = [*order_lines(request), request.phase_reason, _address(f"/review/{request.pk}/")]
    return ports.REVIEW, title, "\n".join(line for line in lines if line)


def _returned(entry: Entry) -> tuple[str, str, str] | None:
    number = (entry.after or {}).get("request")
    request = Request.objects.filter(pk=number or 0).select_related("strategy", "account").first()
    if request is None:
        return None
    title = f"{settings.MODE.upper()} {request.account.masked()}: {request.strategy.name} is back in crawl"
    body = f"Nothing was sent: {entry.reason}.\n{_address(f'/review/{request.pk}/')}"
    return ports.REVIEW, title, body


def _address(path: str) -> str:
    return f"{settings.PUBLIC_URL}{path}"


# A journal line's verb, and what is told of it.
TOLD: dict[str, Telling] = {
    "set_stop": _stop,
    "open_request": _review,
    "bring_to_crawl": _review,
    "return_window": _returned,
}


def read_journal() -> int:
    """From where it was read last. A desk that is set up anew begins at the end, not with its past."""
    mark, new = Bookmark.objects.get_or_create(name="journal", defaults={"sequence": head_sequence()})
    if new:
        return 0
    rows = Entry.objects.filter(sequence__gt=mark.sequence).order_by("sequence")[:AT_ONCE]
    queued = 0
    for entry in rows:
        told = TOLD[entry.verb](entry) if entry.verb in TOLD else None
        if told is not None:
            kind, title, body = told
            queued += queue_message(f"journal-{entry.sequence}", kind, title=title, body=body)
        mark.sequence = entry.sequence
    mark.save(update_fields=["sequence"])
    return queued
