"""What becomes a message: windows that wait for their alert, and lines of the journal."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction

from apps.alerts import ports
from apps.alerts.actions.open_alarm import open_alarm
from apps.alerts.actions.queue_message import queue_message, queue_note
from apps.alerts.links import cancel_link
from apps.alerts.models import Bookmark
from apps.alerts.telling.alarms import ALARMS
from apps.alerts.telling.notes import NOTES, order_lines
from apps.approvals.models import Window
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


@transaction.atomic
def read_journal() -> int:
    """From where it was read last, by one worker at a time, each line exactly once.

    A desk that is set up anew begins at the end, not with its past.
    """
    _, new = Bookmark.objects.get_or_create(name="journal", defaults={"sequence": head_sequence()})
    if new:
        return 0
    mark = Bookmark.objects.select_for_update(skip_locked=True).filter(name="journal").first()
    if mark is None:
        return 0
    rows = list(Entry.objects.filter(sequence__gt=mark.sequence).order_by("sequence")[:AT_ONCE])
    told = sum(_tell(entry) for entry in rows)
    if rows:
        mark.sequence = rows[-1].sequence
        mark.save(update_fields=["sequence"])
    return told


def _tell(entry: Entry) -> int:
    told = 0
    fact = ALARMS[entry.verb](entry) if entry.verb in ALARMS else None
    if fact is not None:
        open_alarm(fact)
        told += 1
    note = NOTES[entry.verb](entry) if entry.verb in NOTES else None
    if note is not None:
        told += queue_note(f"journal-{entry.sequence}", note)
    return told
