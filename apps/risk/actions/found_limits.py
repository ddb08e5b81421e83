"""Lay the first set of limits, from the table of defaults, and the first stop level. Harmless to repeat."""

from django.db import transaction

from apps.journal import clock
from apps.journal.actions.write_entry import write_entry
from apps.journal.ports import SYSTEM
from apps.risk.actions.change_limits import write_set
from apps.risk.models import LimitSet, Stop
from tradingdesk.domain.risk import LIMITS


@transaction.atomic
def found_limits() -> LimitSet:
    standing = LimitSet.objects.order_by("-version").first()
    if standing is not None:
        return standing
    now = clock.now()
    first = write_set(
        version=1,
        made_at=now,
        made_by="desk",
        reason="the defaults of the desk",
        changes=[],
        values={"global": {name: str(limit.default) for name, limit in LIMITS.items()}},
    )
    Stop.objects.get_or_create(scope="global", key="", defaults={"since": now, "by": "desk"})
    write_entry(
        "found_limits", subject=first, actor=SYSTEM, reason=first.reason, after=first.values, topics=("risk",)
    )
    return first
