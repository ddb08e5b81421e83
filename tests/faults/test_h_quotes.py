"""No price, no order: every way in which a gateway says "no value" ends before the wire."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.broker.actions.claim_bracket import Claim
from apps.broker.models import Intent
from apps.journal import clock
from apps.market.models import LastQuote, Mark
from apps.runbook.content import mids_of
from apps.runbook.invariants import broken_invariants
from apps.runbook.road import judge_claim, market_problem
from apps.tickets.models import Ticket
from tests.faults.harness import Stage
from tests.road.acts import execute
from tests.stations import PRICE, Stations

D = Decimal
GOOD: dict[str, Any] = {"bid": D("99.95"), "ask": D("100.05"), "last": D(100)}
BAD: dict[str, dict[str, Any]] = {
    "no quote at all": {"bid": None, "ask": None},
    "one side": {"ask": None},
    "the other side": {"bid": None},
    "not a number": {"bid": D("NaN")},
    "both minus one": {"bid": D(-1), "ask": D(-1)},
    "minus a hundred, where prices are in pence": {"bid": D(-100), "ask": D(-100)},
    "zero": {"bid": D(0)},
    "crossed": {"bid": D("100.06")},
    "locked": {"bid": D("100.05")},
    "halted": {"halted": True},
    "frozen": {"data_type": 2},
    "delayed": {"data_type": 3},
    "delayed and frozen": {"data_type": 4},
    "far from the last trade": {"last": D(70)},
    "ten minutes old": {"age": timedelta(minutes=10)},
    "a minute ahead of the clock": {"age": timedelta(minutes=-1)},
}


def put(stations: Stations, values: dict[str, Any]) -> None:
    row = GOOD | {"halted": False, "data_type": 1} | values
    age = row.pop("age", timedelta(0))
    # the table takes a NaN, which no model of ours would write: somebody else may
    broken = [name for name, value in row.items() if isinstance(value, D) and value.is_nan()]
    plain = {name: value for name, value in row.items() if name not in broken}
    rows = LastQuote.objects.filter(contract=stations.contract("WEC"))
    rows.update(received_at=clock.now() - age, **plain)
    for name in broken:
        with connection.cursor() as cursor:
            cursor.execute(f"UPDATE market_lastquote SET {name} = 'NaN'")


@pytest.mark.parametrize("what", BAD)
def test_at_the_claim_a_bad_quote_is_no_order_and_the_bracket_waits(stations: Stations, what: str) -> None:
    """H1, H2, H3."""
    stations.approve("WEC")
    put(stations, BAD[what])
    answers = stations.send_all()
    assert answers and all(why is not None and why.code.startswith("QUOTE_") for why in answers.values())
    assert stations.written == [] and not Intent.objects.exists()
    assert set(Ticket.objects.values_list("state", flat=True)) == {"RELEASED"}
    put(stations, {})
    assert set(stations.send_all().values()) == {None} and len(stations.written) == 6
    assert broken_invariants(clock.now()) == []


@pytest.mark.parametrize("what", BAD)
def test_a_quote_that_turns_bad_between_claim_and_write_stops_the_write(
    stations: Stations, what: str
) -> None:
    """H1: the last look before the wire."""
    stations.approve("WEC")
    claim = stations.claim(stations.brackets()[0])
    assert isinstance(claim, Claim)
    put(stations, BAD[what])
    (why,) = stations.send(claim)
    assert why is not None and why.code.startswith("QUOTE_")
    assert stations.written == []
    assert set(Intent.objects.values_list("state", flat=True)) == {"CLAIMED"}


@pytest.mark.parametrize("what", BAD)
def test_nobody_can_approve_on_a_bad_quote(stations: Stations, what: str) -> None:
    request = stations.propose("WEC")
    put(stations, BAD[what])
    decided = stations.execute(request)
    assert decided.reason is not None and decided.reason.code == "CHECK_BLOCKED"
    assert not Ticket.objects.exists()


def test_a_market_that_jumped_is_not_traded_until_it_has_stood_there_for_a_while(stations: Stations) -> None:
    """H3: quote and last trade jump together; only what the desk saw half a minute before tells."""
    stations.approve("WEC")
    put(stations, {})
    contract = stations.contract("WEC")
    Mark.objects.create(contract=contract, at=clock.now() - timedelta(seconds=45), price=D(140))
    refused = set(stations.send_all().values())
    assert {why.code for why in refused if why is not None} == {"QUOTE_JUMPED"} and None not in refused
    assert stations.written == []
    Mark.objects.create(contract=contract, at=clock.now() - timedelta(seconds=31), price=D("100.1"))
    put(stations, {})
    assert set(stations.send_all().values()) == {None} and len(stations.written) == 6


def test_a_jump_is_told_on_the_card_and_between_claim_and_write(stations: Stations) -> None:
    """H3: the same market, judged at the approval and in the last look before the wire."""
    request = stations.propose("WEC")
    stations.execute(request)
    claim = stations.claim(stations.brackets()[0])
    assert isinstance(claim, Claim)
    second = stations.propose("ATO")
    for symbol in ("WEC", "ATO"):
        Mark.objects.create(
            contract=stations.contract(symbol), at=clock.now() - timedelta(seconds=45), price=D(140)
        )
    (why,) = stations.send(claim)
    assert why is not None and why.code == "QUOTE_JUMPED" and stations.written == []
    decided = stations.execute(second)
    assert decided.reason is not None and "of half a minute before" in decided.reason.text


prices = st.one_of(
    st.none(),
    st.sampled_from([D("NaN"), D(-1), D(-100), D(0), D("0.000001"), D("99.95"), D("100.05"), D(10) ** 11]),
    st.decimals(min_value=-200, max_value=400, places=4),
)
quotes = st.fixed_dictionaries(
    {
        "bid": prices,
        "ask": prices,
        "last": prices,
        "halted": st.booleans(),
        "data_type": st.sampled_from([1, 1, 1, 2, 3, 4]),
        "age": st.sampled_from([0, 0, 0, 4, 6, 600, -1, -3]).map(lambda s: timedelta(seconds=s)),
    }
)


def sane(row: dict[str, Any]) -> bool:
    """Written apart from the code it measures: what any person would trade on."""
    bid, ask, last = row["bid"], row["ask"], row["last"]
    if bid is None or ask is None or bid.is_nan() or ask.is_nan() or not 0 < bid < ask:
        return False
    if (
        row["halted"]
        or row["data_type"] != 1
        or not timedelta(seconds=-2) < row["age"] < timedelta(seconds=5)
    ):
        return False
    if last is None or last.is_nan() or last <= 0:
        return True
    return bool(abs((bid + ask) / 2 - last) <= last / 10)


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(row=quotes)
def test_every_place_that_prices_an_order_refuses_what_no_person_would_trade_on(
    stations: Stations, row: dict[str, Any]
) -> None:
    """H1 over all call sites: the claim's limits, the market's last look, and the prices of the card."""
    if not Ticket.objects.exists():
        stations.approve("WEC")
    tickets = list(Ticket.objects.filter(bracket=stations.brackets()[0]).order_by("position_in_bracket"))
    stations.refresh()
    put(stations, dict(row))
    now = clock.now()
    sites: dict[str, Callable[[], Any]] = {
        "limits": lambda: judge_claim(tickets, now),
        "market": lambda: market_problem(tickets, now),
    }
    passed = {name for name, ask in sites.items() if ask() is None}
    if not sane(row):
        assert passed == set()
    line = tickets[0].line
    shown = mids_of([line] if line is not None else [])
    assert all(mid.is_finite() and mid > 0 for mid in shown.values())
    if sane(row) and abs(row["ask"] - PRICE) < 1:
        assert passed == {"limits", "market"}


def test_a_quote_that_dies_in_the_gateway_stops_the_next_bracket_at_the_real_link(stage: Stage) -> None:
    """H2: the feed falls silent; the approval stands, and nothing leaves until there is a price again."""
    stage.ready()
    request = stage.propose()
    stage.turn("quote", symbol="WEC", bid="-1", ask="-1")
    stage.eventually(lambda: LastQuote.objects.get(contract__symbol="WEC").bid is None, "the price going")
    refused: Any = execute(request)
    assert refused.reason.code == "CHECK_BLOCKED"
    assert [row for row in stage.gateway.placements() if any("td-" in field for field in row)] == []
    stage.rest()
    stage.eventually(lambda: LastQuote.objects.get(contract__symbol="WEC").bid == D("100.80"), "a price")
    approved: Any = execute(request)
    assert approved.approved, approved.reason
    stage.eventually(lambda: set(stage.states(request).values()) == {"WORKING"}, "both brackets working")
