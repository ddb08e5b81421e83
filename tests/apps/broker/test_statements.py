"""How often the database is asked between a word and the wire. Times depend on the machine; these do not.

Each number has a little room; whoever needs more of it says here what for.
"""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.broker.actions.claim_bracket import Claim
from apps.broker.actions.mark_sending import mark_sending
from apps.runbook.road import market_problem
from tests.stations import Stations

CLAIM, MARK_ENTRY, MARK_EXIT = 24, 10, 7


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
