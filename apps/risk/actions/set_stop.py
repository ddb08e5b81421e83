"""Set the stop level of one scope. Stricter is always allowed; looser is `resume`, and asks for more."""

from django.db import transaction

from apps.journal import clock
from apps.journal.actions.write_entry import write_entry
from apps.journal.ports import Actor
from apps.risk.models import Stop


@transaction.atomic
def set_stop(level: str, *, scope: str = "global", key: str = "", actor: Actor, reason: str) -> Stop:
    """The epoch rises with each change: a claim made before it cannot be sent after it."""
    now = clock.now()
    # every decision to send holds the global row: with it locked, none is under way while a scope is added
    Stop.objects.get_or_create(scope="global", key="", defaults={"since": now, "by": actor.name})
    Stop.objects.select_for_update().get(scope="global", key="")
    Stop.objects.get_or_create(scope=scope, key=key, defaults={"since": now, "by": actor.name})
    stop = Stop.objects.select_for_update().get(scope=scope, key=key)
    before = {"level": stop.level, "epoch": stop.epoch}
    stop.level, stop.epoch = level, stop.epoch + 1
    stop.since, stop.by, stop.reason = now, actor.name, reason
    stop.save()
    write_entry(
        "set_stop",
        subject=stop,
        actor=actor,
        reason=reason,
        before=before,
        after={"level": level, "epoch": stop.epoch, "scope": scope, "key": key},
        topics=("risk", "orders"),
    )
    return stop
