"""The minutes of the books grow old: hours stay, and the end of each day."""

from datetime import timedelta
from decimal import Decimal

from apps.journal import clock
from apps.ledger.actions.thin_snapshots import thin_snapshots
from apps.ledger.models import NavSnapshot
from apps.ledger.results import drawdown_of
from tests.stations import OPENING, Stations


def lay_minutes(stations: Stations, count: int) -> None:
    """From a quarter past on, minute by minute; the worth rises to its peak in the middle of an hour."""
    began = OPENING.replace(minute=15, second=0)
    rows = []
    for number in range(count):
        growth = Decimal(1) + Decimal(min(number, 40)) / 1000 - Decimal(max(number - 40, 0)) / 10_000
        peak = Decimal("1.04") if number >= 40 else growth
        line = {"growth": growth, "peak": peak, "deepest": growth / Decimal("1.04") - 1}
        line |= dict.fromkeys(("gross", "net", "long", "short"), Decimal(0)) | {"nav": Decimal(1000)}
        at = began + timedelta(minutes=number)
        kept = {"trading_day": began.date(), "taken_at": at, "base": "USD", "complete": True}
        rows.append(NavSnapshot(account=stations.account, at=at, **kept, **line))
    NavSnapshot.objects.bulk_create(rows)


def test_after_days_the_hours_and_the_last_minute_stay_and_the_drawdown_is_the_same(
    stations: Stations,
) -> None:
    lay_minutes(stations, 150)
    before = drawdown_of(stations.account.pk)
    assert thin_snapshots(clock.now() + timedelta(days=4)) == 0
    assert thin_snapshots(clock.now() + timedelta(days=7)) == 150 - 4
    left = [f"{row.at:%H:%M}" for row in NavSnapshot.objects.order_by("at")]
    assert left == ["14:15", "15:00", "16:00", "16:44"]
    assert drawdown_of(stations.account.pk) == before
    assert thin_snapshots(clock.now() + timedelta(days=8)) == 0


def test_the_last_minute_of_a_trading_day_stays_whatever_the_hour(stations: Stations) -> None:
    lay_minutes(stations, 3)
    NavSnapshot.objects.update(trading_day=OPENING.date() - timedelta(days=1))
    lay = NavSnapshot.objects.order_by("at").last()
    assert lay is not None
    assert thin_snapshots(clock.now() + timedelta(days=7)) == 1
    assert NavSnapshot.objects.filter(pk=lay.pk).exists()
