"""Switch a breaker off until a moment, or on again before it."""

from datetime import datetime, timedelta

from django.db import transaction

from apps.journal.actions.write_entry import write_entry
from apps.journal.ports import Actor
from apps.operators.queries import require
from apps.risk.models import BreakerPause
from tradingdesk.domain.money import Reason
from tradingdesk.domain.risk.breakers import BREAKERS

AT_MOST = timedelta(days=7)
REASON_AT_LEAST = 10


class PauseRefused(Exception):
    """It stays as it is."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.text)
        self.reason = reason


@transaction.atomic
def pause_breaker(name: str, *, until: datetime, actor: Actor, reason: str, now: datetime) -> BreakerPause:
    """There is no switching off for good: it arms itself again, and every page says so until then."""
    require(actor, "disable_breaker")
    if name not in BREAKERS:
        raise PauseRefused(Reason("BREAKER_UNKNOWN", f"there is no breaker {name[:40]!r}"))
    if not now < until <= now + AT_MOST or len(reason.strip()) < REASON_AT_LEAST:
        raise PauseRefused(Reason("BREAKER_PAUSE_BAD", "seven days at most, and say why"))
    pause = BreakerPause.objects.create(
        name=name, until=until, by=actor.name, reason=reason.strip(), made_at=now
    )
    write_entry(
        "pause_breaker",
        subject=pause,
        actor=actor,
        reason=pause.reason,
        after={"name": name, "until": until},
        topics=("risk", "alerts"),
    )
    return pause


@transaction.atomic
def arm_breaker(name: str, *, actor: Actor, now: datetime) -> int:
    """On again at once."""
    require(actor, "disable_breaker")
    count = BreakerPause.objects.filter(name=name, ended_at=None, until__gt=now).update(ended_at=now)
    if count:
        pause = BreakerPause.objects.filter(name=name).latest("pk")
        write_entry("arm_breaker", subject=pause, actor=actor, after={"name": name}, topics=("risk",))
    return int(count)
