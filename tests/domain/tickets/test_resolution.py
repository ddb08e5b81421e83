from datetime import UTC, datetime, timedelta

import pytest

from tradingdesk.domain.tickets import Resolution, Snapshot, resolve

T0 = datetime(2026, 2, 18, 15, tzinfo=UTC)


def look(seconds, *, session=2, complete=True, found=False):
    return Snapshot(T0 + timedelta(seconds=seconds), session, complete, found)


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
