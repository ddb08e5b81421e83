from datetime import UTC, datetime, timedelta

import pytest

from tradingdesk.domain.tickets import Resolution, Snapshot, may_be_over, resolve

T0 = datetime(2026, 2, 18, 15, tzinfo=UTC)


def look(seconds, *, session=2, complete=True, found=False, works=False):
    return Snapshot(T0 + timedelta(seconds=seconds), session, complete, found, works)


@pytest.mark.parametrize(
    ("snapshots", "next_ids", "resolution"),
    [
        ([look(0), look(10)], [(2, 500)], "PROPOSE_NOT_SENT"),
        ([look(0), look(10)], [(2, 499)], "PROPOSE_NOT_SENT"),
        ([look(0), look(9)], [(2, 500)], "STAY_UNKNOWN"),
        ([look(0), look(10, complete=False)], [(2, 500)], "STAY_UNKNOWN"),
        ([look(0), look(10, session=3)], [(2, 500)], "STAY_UNKNOWN"),
        ([look(0), look(10)], [(2, 501)], "STAY_UNKNOWN"),
        ([look(0, session=1), look(10, session=1)], [(1, 500)], "STAY_UNKNOWN"),
        ([], [(2, 500)], "STAY_UNKNOWN"),
        ([look(0), look(10)], [], "STAY_UNKNOWN"),
        ([look(0), look(10, complete=False, found=True)], [(2, 500)], "ADOPT"),
    ],
)
def test_absence_is_proved_slowly_and_presence_at_once(snapshots, next_ids, resolution):
    assert resolve(500, 1, snapshots=snapshots, next_valid_ids=next_ids) is Resolution(resolution)


def test_what_was_heard_of_has_arrived_whatever_the_lists_lack():
    looks = [look(0), look(10)]
    assert resolve(500, 1, snapshots=looks, next_valid_ids=[(2, 500)]) is Resolution.PROPOSE_NOT_SENT
    assert (
        resolve(500, 1, snapshots=looks, next_valid_ids=[(2, 500)], heard_of=True) is Resolution.STAY_UNKNOWN
    )


@pytest.mark.parametrize(
    ("snapshots", "over"),
    [
        ([look(0), look(10)], True),
        ([look(0, found=True), look(10, found=True)], True),  # a fill of it is told: its rest does not work
        ([look(0), look(9)], False),
        ([look(0), look(10, session=3)], False),
        ([look(0), look(10, complete=False)], False),
        ([look(0), look(10), look(20, works=True, complete=False)], False),
        ([look(0, works=True), look(10), look(20)], True),
        ([look(0, works=True), look(10), look(19)], False),
        ([], False),
    ],
)
def test_it_may_be_over_when_it_was_twice_not_among_the_orders_that_work(snapshots, over):
    assert may_be_over(snapshots) is over
