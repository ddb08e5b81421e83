"""When what is compared: orders and executions every 30 s, positions and money every 60 s.

And at once when the broker has told a newer list or could not be read, or the link has become ready again.
"""

from datetime import datetime, timedelta

from apps.broker.models import ToldList
from apps.desks.models import Account
from apps.desks.queries import enabled_accounts
from apps.journal import clock
from apps.reconciliation.actions.reconcile import LISTS, reconcile
from apps.reconciliation.models import Run
from apps.reconciliation.queries import newest_run
from apps.runbook.situation import trading_day

EVERY = {Run.ORDERS: timedelta(seconds=30), Run.BOOKS: timedelta(seconds=60)}


def reconcile_due(now: datetime) -> str:
    """Each account whose turn it is; in a few words what was found."""
    told = []
    for account in enabled_accounts():
        for about in EVERY:
            if _is_due(account, about, now):
                run = reconcile(account, about, day=trading_day(now), now=now)
                told.append(f"{about} {run.level.lower()}, {run.differences} differ")
    return "; ".join(told)


def _is_due(account: Account, about: str, now: datetime) -> bool:
    last = newest_run(account.pk, about)
    if last is None or now - last.at >= EVERY[about] * max(1.0, clock.speed()):
        return True
    lists = ToldList.objects.filter(gateway_id=account.gateway_id, name__in=LISTS[about])
    return any(_is_news(at, failed_at, last) for at, failed_at in lists.values_list("at", "failed_at"))


def _is_news(at: datetime | None, failed_at: datetime | None, last: Run) -> bool:
    """A list that the last comparison did not have, or a reading that failed after it."""
    newer = at is not None and (last.told_at is None or at > last.told_at)
    return newer or (failed_at is not None and failed_at > last.at)
