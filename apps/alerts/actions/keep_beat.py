"""Keep what became of the last sign of life to the outside."""

from django.db import transaction

from apps.alerts.models import OutsideBeat
from apps.journal import clock
from apps.journal.actions.write_entry import write_entry


def begin_beat() -> None:
    """Before the outside is asked: a desk that can write nothing down fails here, and gives no sign."""
    OutsideBeat.objects.update_or_create(pk=1, defaults={"tried_at": clock.now()})


@transaction.atomic
def keep_beat(code: str, text: str) -> OutsideBeat:
    """A change is journalled; the same answer every minute is not."""
    now = clock.now()
    row, _ = OutsideBeat.objects.select_for_update().get_or_create(pk=1, defaults={"tried_at": now})
    new, before = row.taken_at is None and not row.failures, row.reason_code
    row.tried_at = now
    row.reason_code, row.reason = code, text
    row.failures = row.failures + 1 if code else 0
    if not code:
        row.taken_at = now
    row.save()
    if new or before != code:
        write_entry(
            "beat_outside",
            subject=row,
            reason_code=code,
            reason=text,
            before=None if new else {"code": before},
            after={"code": code},
            topics=("alerts",),
        )
    return row
