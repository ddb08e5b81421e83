"""Keep each strategy's day as the sum of its parts, in the transaction that keeps the parts."""

from datetime import datetime

from django.db.models import Q

from apps.ledger.dayreading import Reading
from apps.ledger.daysums import sums_of
from apps.ledger.models import DayResult


def keep_sums(reading: Reading, now: datetime) -> None:
    account, day = reading.facts.account, reading.facts.day
    sums = sums_of(reading)
    stored = DayResult.objects.filter(account=account, trading_day=day)
    theirs = Q(strategy_id__in=[one for one in sums if one is not None])
    stored.exclude(theirs | Q(strategy=None) if None in sums else theirs).delete()
    DayResult.objects.bulk_create(
        [
            DayResult(
                account=account,
                strategy_id=strategy,
                trading_day=day,
                net=one.net,
                realized=one.realised,
                commissions=one.commissions,
                fills=one.fills,
                provisional=one.provisional,
                changed_at=now,
            )
            for strategy, one in sums.items()
        ],
        update_conflicts=True,
        unique_fields=["account", "strategy", "trading_day"],
        update_fields=["net", "realized", "commissions", "fills", "provisional", "changed_at"],
    )
