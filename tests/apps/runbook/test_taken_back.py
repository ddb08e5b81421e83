"""A sale that is taken back while the day's orders wait for the closing auction."""

import pytest

from apps.broker.actions.claim_bracket import Claim
from apps.broker.models import Intent
from apps.market.models import Contract
from apps.runbook.pace import busy
from apps.runbook.stopping import finish_stops
from apps.runbook.timetable import keep_timetable
from tests.apps.runbook.closing import (
    bought,
    claim,
    closes,
    hear_cancels,
    holds,
    read_books,
    standing_at,
    step,
    walk,
)
from tests.stations import Stations


def at_the_auction(stations: Stations) -> Intent:
    """A target sold part of what was bought; the sale of the rest waits for the auction. The target's."""
    bought(stations)
    target = Intent.objects.filter(ticket__role="target").earliest("pk")
    with standing_at("11:00"):
        size, perm_id = str(int(target.ticket.quantity)), 1000 + target.pk
        stations.executed("t1.01.01", size, perm_id=perm_id, order_ref=target.order_ref, side="SLD")
        stations.hear(
            "orderStatus",
            order_id=target.order_id,
            perm_id=perm_id,
            status="Filled",
            filled=size,
            remaining="0",
        )
        holds(stations, 30 - int(size))
    Contract.objects.update(primary_exchange="NYSE")
    walk("15:45:00")
    with standing_at("15:45:02"):
        finish_stops(stations.account.gateway_id)
        hear_cancels(stations)
        finish_stops(stations.account.gateway_id)
    with standing_at("15:45:05"):
        holds(stations, 30 - int(size))
        read_books(stations)
        claimed = claim(stations)
        assert isinstance(claimed, Claim) and stations.send(claimed) == [None]
    close = Intent.objects.latest("pk")
    with standing_at("15:45:06"):
        told = {"order_id": close.order_id, "perm_id": 1000 + close.pk, "order_ref": close.order_ref}
        stations.hear("openOrder", status="PreSubmitted", **told)
    return target


@pytest.mark.parametrize(
    ("counted", "moment", "more"),
    [
        (True, "15:46:10", True),
        (False, "15:46:10", False),  # the broker does not count it yet
        (True, "15:49:31", False),  # too late for the auction
    ],
)
def test_a_sale_that_is_taken_back_while_the_auction_is_waited_for_is_sold_there_too(
    stations: Stations, counted: bool, moment: str, more: bool
) -> None:
    target = at_the_auction(stations)
    back = int(target.ticket.quantity)
    assert closes() == [("SELL", 30 - back, "MOC")]
    with standing_at("15:46:00"):
        perm_id = 1000 + target.pk
        stations.executed("t1.01.02", "0", perm_id=perm_id, order_ref=target.order_ref, side="SLD")
        if counted:
            holds(stations, 30)
    with standing_at(moment):
        for _ in range(3):
            finish_stops(stations.account.gateway_id)
    expected = [("SELL", 30 - back, "MOC"), ("SELL", back, "MOC")]
    assert closes() == (expected if more else expected[:1])
    with standing_at("16:10:00"):  # and nothing is added for what the auction has sold
        holds(stations, 30)
        for _ in range(3):
            finish_stops(stations.account.gateway_id)
    assert len(closes()) == 1 + more


def sold(stations: Stations, target: Intent) -> None:
    size, perm_id = str(int(target.ticket.quantity)), 1000 + target.pk
    named = {"order_id": target.order_id, "perm_id": perm_id}
    stations.executed(f"t{target.pk}.01.01", size, perm_id=perm_id, order_ref=target.order_ref, side="SLD")
    stations.hear("orderStatus", status="Filled", filled=size, remaining="0", **named)


def taken_back(stations: Stations, target: Intent) -> None:
    told = {"perm_id": 1000 + target.pk, "order_ref": target.order_ref, "side": "SLD"}
    stations.executed(f"t{target.pk}.01.02", "0", **told)


def flat_at_the_close_out(stations: Stations, *, stops: bool) -> Intent:
    """Both targets have sold; their stops are gone, or the close-out finds them and takes them back."""
    bought(stations)
    targets = list(Intent.objects.filter(ticket__role="target").select_related("ticket").order_by("pk"))
    with standing_at("11:00"):
        for target in targets:
            sold(stations, target)
        for stop in Intent.objects.filter(ticket__role="stop") if not stops else ():
            gone = {"order_id": stop.order_id, "perm_id": 1000 + stop.pk}
            stations.hear("orderStatus", status="Cancelled", filled="0", remaining="0", **gone)
        holds(stations, 0)
    Contract.objects.update(primary_exchange="NYSE")
    walk("15:45:00")
    with standing_at("15:45:02"):
        finish_stops(stations.account.gateway_id)
        assert hear_cancels(stations) == (2 if stops else 0)
        finish_stops(stations.account.gateway_id)
    with standing_at("15:45:05"):
        read_books(stations)
    walk("15:45:06")
    assert not step("close out").outcome, "until the cut-off more may come"
    return targets[0]


@pytest.mark.parametrize("stops", [True, False], ids=["it had cancelled", "it had found nothing"])
@pytest.mark.parametrize("counted", [True, False], ids=["counted", "not counted"])
def test_a_sale_that_is_taken_back_after_everything_was_flat_is_sold_at_the_auction(
    stations: Stations, stops: bool, counted: bool
) -> None:
    target = flat_at_the_close_out(stations, stops=stops)
    back = int(target.ticket.quantity)
    with standing_at("15:46:00"):
        taken_back(stations, target)
        holds(stations, back if counted else 0)
    for moment in ("15:46:10", "15:46:30", "15:47:00", "15:47:20"):
        walk(moment)
        with standing_at(moment):
            finish_stops(stations.account.gateway_id)
            read_books(stations)
    assert closes() == ([("SELL", back, "MOC")] if counted else [])
    if counted:
        with standing_at("15:47:30"):
            claimed = claim(stations)
            assert isinstance(claimed, Claim) and stations.send(claimed) == [None]
    walk("15:49:31")
    row = step("close out")
    assert row.outcome == ("" if counted else "done"), row.told
    assert counted or "our own books still count 1" in row.told


@pytest.mark.parametrize("stops", [True, False])
def test_a_close_out_that_was_flat_ends_at_the_cut_off_and_sells_nothing_after_it(
    stations: Stations, stops: bool
) -> None:
    target = flat_at_the_close_out(stations, stops=stops)
    walk("15:49:29")
    assert not step("close out").outcome
    walk("15:49:31")
    told = "2 cancelled, 0 MOC, flat" if stops else "nothing held and nothing working"
    assert step("close out").told == told
    with standing_at("15:50:00"):
        taken_back(stations, target)
        holds(stations, int(target.ticket.quantity))
    walk("15:50:10")
    with standing_at("15:50:10"):
        finish_stops(stations.account.gateway_id)
    assert closes() == []


@pytest.mark.parametrize("stops", [True, False])
def test_a_played_day_hurries_to_the_auction_only_while_nothing_is_to_be_done(
    stations: Stations, stops: bool
) -> None:
    with standing_at("15:45:00") as now:
        keep_timetable(now)
        assert busy(now), "nobody has looked yet"
    target = flat_at_the_close_out(stations, stops=stops)
    with standing_at("15:45:07") as now:
        assert not busy(now)
        taken_back(stations, target)
        holds(stations, int(target.ticket.quantity))
        assert busy(now)
