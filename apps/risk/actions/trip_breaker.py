"""Write down that a breaker tripped, or that one came back. What the trip stops is the runbook's affair."""

from datetime import datetime

from django.db import transaction

from apps.journal.actions.write_entry import write_entry
from apps.journal.ports import Actor
from apps.risk.models import BreakerTrip, LimitTouch
from tradingdesk.domain.money import Reason
from tradingdesk.domain.risk.breakers import Reading

BREAKER = Actor("system", "breaker")


@transaction.atomic
def trip_breaker(reading: Reading, reason: Reason, *, now: datetime) -> BreakerTrip | None:
    """None: it has tripped already and nobody has reset it."""
    trip, made = BreakerTrip.objects.get_or_create(
        name=reading.breaker.name,
        strategy=reading.strategy,
        reset_at=None,
        defaults={
            "measured": f"{reading.measured:f}",
            "threshold": f"{reading.trips_at:f}",
            "action": reading.breaker.level.name,
            "reason": reason.text,
            "tripped_at": now,
        },
    )
    if not made:
        return None
    write_entry(
        "trip_breaker",
        subject=trip,
        actor=BREAKER,
        reason_code=reason.code,
        reason=reason.text,
        after={"level": trip.action, "strategy": trip.strategy},
        topics=("risk", "alerts"),
    )
    return trip


@transaction.atomic
def reset_trips(*, strategy: str | None, actor: Actor, now: datetime) -> int:
    """The stop was released: its breakers are armed again. None: those of the whole desk."""
    rows = BreakerTrip.objects.filter(reset_at=None, strategy=strategy or "").exclude(action="ACTIVE")
    names = list(rows.values_list("name", flat=True))
    rows.update(reset_at=now, reset_by=actor.name)
    if "limits" in names:
        LimitTouch.objects.filter(seen=False).update(seen=True)
    return len(names)


def end_warning(reading: Reading, *, now: datetime) -> int:
    """A breaker that only warns comes back by itself."""
    rows = BreakerTrip.objects.filter(
        name=reading.breaker.name, strategy=reading.strategy, reset_at=None, action="ACTIVE"
    )
    return int(rows.update(reset_at=now, reset_by="desk"))
