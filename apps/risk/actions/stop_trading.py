"""Stop: the level and its record in one short transaction. From its commit on nothing new leaves."""

from datetime import datetime

from django.db import transaction

from apps.journal.ports import Actor
from apps.operators.queries import require
from apps.risk.actions.set_stop import set_stop
from apps.risk.models import Stop, Stopping
from apps.risk.queries import RANK, standing_level
from tradingdesk.domain.money import Reason

SCOPES = ("global", "account", "strategy")
LEVELS = (Stop.REDUCE_ONLY, Stop.HALTED)


class StopRefused(Exception):
    """It cannot be meant as it was said; nothing was changed."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.text)
        self.reason = reason


@transaction.atomic
def stop_trading(
    level: str, *, scope: str, key: str, flatten: bool, actor: Actor, reason: str, now: datetime
) -> Stopping:
    """Never looser than what stands: a pause of a halted scope keeps it halted."""
    require(actor, "flatten" if flatten else "kill", key if scope == "account" else "")
    problem = _problem(level, scope=scope, key=key, flatten=flatten)
    if problem is not None:
        raise StopRefused(problem)
    standing = standing_level(scope, key)
    stricter = level if RANK[level] >= RANK[standing] else standing
    stop = set_stop(stricter, scope=scope, key=key, actor=actor, reason=reason)
    return Stopping.objects.create(
        scope=scope,
        key=key,
        level=level,
        flatten=flatten,
        epoch=stop.epoch,
        asked_at=now,
        by=actor.name,
        reason=reason,
    )


def _problem(level: str, *, scope: str, key: str, flatten: bool) -> Reason | None:
    if level not in LEVELS:
        return Reason("STOP_LEVEL_UNKNOWN", f"one stops to {' or '.join(LEVELS)}, not to {level[:20]!r}")
    if scope not in SCOPES or (scope == "global") is not (key == ""):
        return Reason("STOP_SCOPE_UNKNOWN", f"there is no scope {scope[:20]!r} {key[:60]!r}")
    if flatten and level != Stop.HALTED:
        return Reason("STOP_LEVEL_UNKNOWN", "whoever flattens halts")
    return None
