"""How often the database is asked between a word and the wire. Times depend on the machine; these do not.

Each number has a little room; whoever needs more of it says here what for.
"""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.broker.actions.claim_bracket import Claim
from apps.broker.actions.mark_sending import mark_sending
from apps.broker.actions.record_events import record_events
from apps.broker.ports import Heard
from apps.journal import clock
from apps.runbook.road import market_problem
from tests.stations import Stations

CLAIM, MARK_ENTRY, MARK_EXIT = 26, 12, 7


@pytest.fixture
def claimed(stations: Stations) -> Claim:
    stations.approve("WEC", "ATO")
    first = stations.claim(stations.brackets()[0])
    assert isinstance(first, Claim)
    return first


def test_a_claim_asks_the_database_a_known_number_of_times(stations: Stations, claimed: Claim) -> None:
    with CaptureQueriesContext(connection) as asked:
        assert isinstance(stations.claim(stations.brackets()[0]), Claim)
    assert 10 < len(asked) <= CLAIM, [query["sql"] for query in asked]


def test_a_claim_asks_no_more_often_for_a_plan_of_many_lines(stations: Stations) -> None:
    stations.approve("WEC", "ATO")
    stations.approve(*(f"Z{place:02d}" for place in range(20)), quantity=4)
    asked = []
    for bracket in stations.brackets()[2::12]:
        stations.refresh()
        with CaptureQueriesContext(connection) as queries:
            stations.claim(bracket)
        asked.append(len(queries))
    assert len(asked) > 2 and max(asked) <= CLAIM


@pytest.mark.parametrize(("place", "most"), [(0, MARK_ENTRY), (1, MARK_EXIT)])
def test_a_mark_asks_the_database_a_known_number_of_times(
    stations: Stations, claimed: Claim, place: int, most: int
) -> None:
    look = {"session": stations.session, "epoch": stations.epoch, "ready": True, "market": market_problem}
    with CaptureQueriesContext(connection) as asked:
        assert mark_sending(claimed.intents[place], claimed, **look) is None
    assert 4 < len(asked) <= most, [query["sql"] for query in asked]


def test_a_re_reading_of_many_orders_asks_no_more_often_than_one_of_few(stations: Stations) -> None:
    """Every half minute each open order, execution, fee and count is told again: an order waits meanwhile."""

    def told(number: int) -> list[Heard]:
        order = {"status": "Submitted", "quantity": "10", "con_id": "7", "symbol": "WEC", "side": "BUY"}
        traded = {"account": "DU1", "con_id": "7", "symbol": "WEC", "sec_type": "STK", "side": "BOT"}
        more = {"at": clock.now(), "raw": (), "asked_at": clock.now()}
        return [
            Heard(kind="openOrder", body=order, client_id=0, perm_id=number, **more),
            Heard(kind="orderStatus", body={"status": "Submitted"}, perm_id=number, **more),
            Heard(kind="execDetails", body=traded, exec_id=f"0001.{number}.01", perm_id=number, **more),
            Heard(kind="commission", body={"commission": "1"}, exec_id=f"0001.{number}.01", **more),
            Heard(kind="position", body={"account": "DU1", "con_id": str(number)}, **more),
        ]

    few, many = told(900_000), [row for number in range(30) for row in told(800_000 + number)]
    asked = []
    for heard in (few, many):
        assert len(record_events(stations.session, heard, book=lambda rows: None)) == len(heard)
        with CaptureQueriesContext(connection) as queries:
            assert record_events(stations.session, heard, book=lambda rows: None) == []
        asked.append(len(queries))
    assert asked[0] == asked[1] <= 8
