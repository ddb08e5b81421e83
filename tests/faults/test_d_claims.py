"""Between the approval and the last byte: a breaker trips, a hand trades at the broker, a row is moved."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from apps.approvals.models import Request
from apps.broker.actions.claim_bracket import Claim
from apps.broker.models import Intent
from apps.desks.models import Account, Gateway
from apps.journal import clock
from apps.journal.models import Entry
from apps.ledger.models import NavPoint
from apps.plans.models import Plan
from apps.risk.models import BreakerReading, Reservation
from apps.risk.queries import standing_level
from apps.runbook.breaking import watch_breakers
from apps.runbook.invariants import broken_invariants
from apps.tickets.models import Ticket
from tests.faults.harness import Stage
from tests.road.acts import execute
from tests.stations import Stations


def lose(stations: Stations) -> str:
    """Three per cent in a minute, and the next look of the breakers."""
    for minutes, worth in ((2, 100_000), (0, 97_000)):
        at = clock.now() - timedelta(minutes=minutes)
        NavPoint.objects.create(account=stations.account, at=at, nav=Decimal(worth), source="broker")
    BreakerReading.objects.all().delete()
    return watch_breakers(clock.now())


def test_a_breaker_that_trips_after_the_approval_is_met_at_the_claim(stations: Stations) -> None:
    stations.approve("WEC")
    keys = stations.brackets()
    assert lose(stations) == "day_loss tripped" and standing_level("global", "") == "HALTED"
    assert [stations.claim(key) for key in keys] == [None, None]  # nothing is left that could be claimed
    assert not Intent.objects.exists() and not Reservation.objects.exists()
    assert set(Ticket.objects.values_list("state", flat=True)) == {"WITHDRAWN"}


def test_a_breaker_that_trips_between_claim_and_write_stops_the_write(stations: Stations) -> None:
    stations.approve("WEC")
    claim = stations.claim(stations.brackets()[0])
    assert isinstance(claim, Claim)
    lose(stations)
    assert [why and why.code for why in stations.send(claim)] in (["STOP_HALTED"], ["INTENT_NOT_FRESH"])
    assert stations.written == [] and broken_invariants(clock.now()) == []


def test_a_breaker_that_trips_in_the_middle_of_a_bracket_lets_no_further_byte_out(stations: Stations) -> None:
    """The entry is out and not transmitted; its exits do not follow, so it never works."""
    stations.approve("WEC")
    claim = stations.claim(stations.brackets()[0])
    assert isinstance(claim, Claim)
    first, rest = part_of(claim, 0, 1), part_of(claim, 1, None)
    assert stations.send(first) == [None] and not first.placements[0].transmit
    lose(stations)
    assert stations.send(rest) != [None, None] and len(stations.written) == 1


def part_of(claim: Claim, first: int, end: int | None) -> Claim:
    return replace(claim, intents=claim.intents[first:end], placements=claim.placements[first:end])


def sent(stations: Stations) -> Request:
    request = stations.approve("WEC", "OWL")
    assert stations.send_all() and stations.written
    return request


def heard(stations: Stations, key: str, status: str, *, filled: int = 0) -> None:
    intent = Intent.objects.select_related("ticket").get(ticket__key=key)
    stations.hear(
        "orderStatus", order_id=intent.order_id, perm_id=9000 + intent.order_id, order_ref=intent.order_ref,
        status=status, filled=str(filled), remaining=str(intent.ticket.quantity - filled),
    )  # fmt: skip


def test_a_cancel_in_the_workstation_is_the_brokers_word_and_nothing_is_sent_in_its_place(
    stations: Stations,
) -> None:
    """D9."""
    request = sent(stations)
    key = Ticket.objects.filter(request=request, role="entry").first().key  # type: ignore[union-attr]
    heard(stations, key, "Submitted")
    before = list(stations.written)
    heard(stations, key, "Cancelled")
    assert Ticket.objects.get(key=key).state == "CANCELLED"
    assert stations.send_all() == {} and stations.written == before
    assert Intent.objects.filter(ticket__key=key).count() == 1


def test_a_trade_by_hand_stops_the_strategy_and_what_was_approved_waits(stations: Stations) -> None:
    """D9: bought in the workstation while orders of ours work: seen as foreign, nothing more is sent."""
    sent(stations)
    waiting = stations.approve("PNW")
    before = list(stations.written)
    stations.executed("00f1.H1.01", "15")
    assert standing_level("strategy", "bracket-day") == "HALTED"
    assert Entry.objects.filter(verb="see_foreign_execution").count() == 1
    assert {why and why.code for why in stations.send_all().values()} == {"STOP_HALTED"}
    assert stations.written == before
    assert set(Ticket.objects.filter(request=waiting).values_list("state", flat=True)) == {"RELEASED"}
    assert broken_invariants(clock.now()) == []


@pytest.mark.deep
def test_a_hand_in_the_workstation_stops_the_strategy_over_the_wire(stage: Stage) -> None:
    """D9: a trade by hand in the same contract while both brackets work; they go on, nothing is added."""
    stage.symbols = ("WEC", "ATO")
    stage.rest()
    stage.ready()
    stage.approve("WEC")
    stage.eventually(lambda: set(stage.states().values()) == {"WORKING"}, "both brackets working")
    stage.turn("foreign", symbol="WEC", side="BUY", shares=5, price="99.90")
    stage.eventually(lambda: standing_level("strategy", "bracket-day") == "HALTED", "the strategy stopped")
    refused: Any = execute(stage.propose("ATO", name="after.csv"))
    assert refused.reason.code == "STOP_HALTED"
    placed = [row for row in stage.gateway.placements() if any(field.startswith("td-") for field in row)]
    assert len(placed) == 6 and set(stage.states().values()) == {"WORKING"}


def other_account(account: Account) -> None:
    other = Account.objects.create(code="DU1000002", gateway=account.gateway)
    Request.objects.update(account=other)
    Plan.objects.update(account=other)


def live_gateway(account: Account) -> None:
    Gateway.objects.filter(pk=account.gateway_id).update(mode="live")


MOVES: dict[str, Any] = {"to another account": other_account, "from play to live": live_gateway}


@pytest.mark.parametrize("what", MOVES)
def test_an_approval_moved_elsewhere_is_an_approval_of_nothing(stations: Stations, what: str) -> None:
    """J3: the digest holds the account and the mode."""
    request = stations.propose("WEC")
    MOVES[what](stations.account)
    decided = stations.execute(request)
    assert decided.reason is not None and not decided.approved
    assert decided.reason.code == "APPROVAL_CONTENT_CHANGED"
    assert not Ticket.objects.exists()


def test_a_gateway_that_turned_live_after_the_word_is_found_at_the_claim(stations: Stations) -> None:
    """J3."""
    stations.approve("WEC")
    live_gateway(stations.account)
    assert {why and why.code for why in stations.send_all().values()} == {"APPROVAL_CONTENT_CHANGED"}
    assert stations.written == []
