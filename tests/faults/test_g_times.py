"""Moments and units that are taken for others: which day a fill is of, what a code of a farm means."""

import random
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from apps.broker.actions.record_events import record_events
from apps.broker.ib.times import wire_time
from apps.broker.ports import Heard
from apps.journal import clock
from apps.ledger.actions.book_fills import book_fills
from apps.ledger.models import CashEntry, Fill, Position
from apps.ledger.rebuilding import differences
from tests.apps.ledger.test_results import open_books
from tests.stations import OPENING, Stations, stations
from tradingdesk.domain.tickets.classifier import Meaning, RequestKind, classify

__all__ = ["stations"]
FARMS = (2103, 2104, 2105, 2106, 2107, 2108, 2119, 2157, 2158)


@pytest.mark.parametrize(
    ("told", "day"),
    [
        ("2026-11-18T23:59:59+00:00", date(2026, 11, 18)),
        ("2026-11-19T00:00:01+00:00", date(2026, 11, 18)),  # past midnight in London, not in New York
        ("2026-11-19T04:59:59+00:00", date(2026, 11, 18)),
        ("2026-11-19T05:00:00+00:00", date(2026, 11, 19)),
        ("2026-07-02T04:00:00+00:00", date(2026, 7, 2)),  # an hour earlier in summer
    ],
)
def test_g6_a_fill_is_of_the_day_it_was_in_new_york(stations: Stations, told: str, day: date) -> None:
    stations.executed("0001.01.01", "30", time=told)
    stations.executed("0001.01.01", "30", time=told)  # read again after midnight
    fill = Fill.objects.get()
    assert (fill.trading_day, fill.at) == (day, datetime.fromisoformat(told))


@pytest.mark.parametrize(
    "told",
    [
        "20261118 10:30:00 US/Eastern",
        "20261118-15:30:00",
        "20261118 15:30:00",
        "20261118 16:30:00 Europe/Berlin",
        "20261118 15:30:00 UTC",
    ],
)
def test_g5_every_way_in_which_the_gateway_tells_a_moment_is_one_moment(told: str) -> None:
    assert wire_time(told) == datetime(2026, 11, 18, 15, 30, tzinfo=UTC)


@pytest.mark.parametrize("told", ["", "20261118", "20261118 25:00:00", "20261118 10:30:00 Nowhere"])
def test_g5_what_is_no_time_is_no_time_and_not_now(told: str) -> None:
    assert wire_time(told) is None


@pytest.mark.parametrize("kind", list(RequestKind))
def test_h5_a_farm_that_comes_and_goes_says_nothing_about_an_order(kind: RequestKind) -> None:
    for code in FARMS:
        assert classify(code, kind).meaning is Meaning.ABOUT_LINK, code


def executions(stations: Stations, count: int) -> list[Heard]:
    """Bought and sold, each told twice, and in no order."""
    told = []
    for number in range(count):
        body = {
            "account": stations.account.code, "con_id": str(stations.contract("WEC").con_id), "symbol": "WEC",
            "sec_type": "STK", "currency": "USD", "side": "BOT" if number % 3 else "SLD", "quantity": "2",
            "price": f"{100 + number % 7}", "time": (OPENING + timedelta(seconds=number % 9)).isoformat(),
        }  # fmt: skip
        key = {"exec_id": f"{number:05}.01.01", "perm_id": 77}
        told.append(Heard(kind="execDetails", at=clock.now(), raw=(), body=body, **key))
        fee = {"commission": "0.35", "currency": "USD"}
        told.append(Heard(kind="commission", at=clock.now(), raw=(), body=fee, exec_id=key["exec_id"]))
    told += told
    random.Random(7).shuffle(told)
    return told


@pytest.mark.parametrize("count", [60, pytest.param(5000, marks=pytest.mark.deep)])
def test_i3_a_burst_of_executions_and_fees_in_no_order_is_booked_whole_and_once(
    stations: Stations, count: int
) -> None:
    open_books(stations)
    stations.contract("WEC")
    burst = executions(stations, count)
    for start in range(0, len(burst), 200):
        record_events(stations.session, burst[start : start + 200], book=book_fills)
    assert Fill.objects.count() == count and not Fill.objects.filter(commission=None).exists()
    sold = len(range(0, count, 3))
    assert Position.objects.get().quantity == 2 * (count - 2 * sold)
    fees = CashEntry.objects.filter(cause="fee").values_list("amount", flat=True)
    assert len(fees) == count and sum(fees) == -count * Decimal("0.35")
    assert list(differences(stations.account)) == []
