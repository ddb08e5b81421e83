"""A sale that is taken back while the day's orders wait for the closing auction."""

import pytest

from apps.broker.actions.claim_bracket import Claim
from apps.broker.models import Intent
from apps.market.models import Contract
from apps.runbook.stopping import finish_stops
from tests.apps.runbook.closing import (
    bought,
    claim,
    closes,
    hear_cancels,
    holds,
    read_books,
    standing_at,
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
