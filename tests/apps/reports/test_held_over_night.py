"""What was held over night and sold on another day is a trade of that day, with the entry of its own."""

from datetime import timedelta

import pytest

from apps.broker.models import Intent
from apps.reports.content.trades import fills_of_day, match_day
from tests.apps.runbook.closing import DAY, bought
from tests.stations import OPENING, Stations

TOMORROW = DAY + timedelta(days=1)


@pytest.mark.parametrize("part", [False, True], ids=["all of it", "one bracket has ended"])
def test_a_sale_closes_what_an_earlier_day_has_left(stations: Stations, part: bool) -> None:
    """By hand, in two parts; some of it may have gone on its own day."""
    bought(stations)
    account, left = stations.account, 30
    target = Intent.objects.filter(ticket__role="target").select_related("ticket").earliest("pk")
    if part:
        size = int(target.ticket.quantity)
        told = {"perm_id": 1000 + target.pk, "order_ref": target.order_ref, "side": "SLD"}
        stations.executed("t1.01.01", str(size), price="103", **told)
        left -= size
    for number, size in enumerate((left - 5, 5)):
        at = (OPENING + timedelta(days=1, minutes=number)).isoformat()
        stations.executed(f"m{number}.01.01", str(size), price="101.5", side="SLD", perm_id=9, time=at)
    found = match_day(account, fills_of_day(account, TOMORROW), [], TOMORROW)
    assert sum(one.quantity for one in found.trades) == left and not found.strays
    assert {(one.day, one.entry_price, one.exit_price) for one in found.trades} == {(TOMORROW, 100, 101.5)}
    assert {one.terms.ticker for one in found.trades} == {"WEC"}


def test_what_nobody_here_has_bought_stays_outside(stations: Stations) -> None:
    at = (OPENING + timedelta(days=1)).isoformat()
    stations.executed("m1.01.01", "7", side="SLD", perm_id=9, time=at)
    found = match_day(stations.account, fills_of_day(stations.account, TOMORROW), [], TOMORROW)
    assert found.trades == () and [one.quantity for one in found.strays] == [7]
