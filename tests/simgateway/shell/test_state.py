"""The snapshot on disk."""

import json
import time
from pathlib import Path

import pytest

from apps.simgateway.state import Keeper, StateFile
from tests.simgateway.gateway.talk import House


class Watch:
    at = 100.0

    def __call__(self) -> float:
        return self.at


def test_a_snapshot_is_read_back_and_leaves_no_half_behind(tmp_path: Path):
    file = StateFile(tmp_path / "new" / "place")
    assert file.read() is None
    file.write({"ids": {"1": 7}})
    assert file.read() == {"ids": {"1": 7}}
    assert [path.name for path in file.path.parent.iterdir()] == ["gateway.json"]


def test_a_broken_snapshot_is_refused_and_not_overwritten(tmp_path: Path):
    file = StateFile(tmp_path)
    file.path.write_text("{half")
    with pytest.raises(ValueError, match="move it away"):
        file.read()
    assert file.path.read_text() == "{half"


def test_a_burst_of_changes_is_one_write_soon_after_the_first(tmp_path: Path):
    watch, dumps = Watch(), []
    file = StateFile(tmp_path)
    keeper = Keeper(file, lambda: dumps.append(1) or {"n": len(dumps)}, monotonic=watch)
    keeper.keep()
    for _ in range(5):
        keeper.changed()
        keeper.keep()
    assert dumps == []
    watch.at += 0.2
    keeper.keep()
    keeper.keep()
    assert json.loads(file.path.read_text()) == {"n": 1}


def test_the_end_does_not_wait(tmp_path: Path):
    file = StateFile(tmp_path)
    keeper = Keeper(file, lambda: {"n": 1}, monotonic=Watch())
    keeper.changed()
    keeper.keep(at_once=True)
    assert file.read() == {"n": 1}


def test_a_state_of_last_week_is_caught_up_with_in_a_moment():
    """DAY orders ended, the order for the close printed, midnight passed, without every quote between."""
    before = House("2026-11-13T15:30 US/Eastern")
    client = before.connect()
    client.place(1, "BUY", 10, "MOC", symbol="MSFT")
    client.limit(2, 90)
    client.limit(3, 90, tif="GTC")
    state = json.loads(json.dumps(before.gateway.dump()))
    began = time.process_time()
    after = House("2026-11-20T10:00 US/Eastern", state=state)
    assert time.process_time() - began < 10, "a week has a million quotes; it takes half a second without"
    again = after.connect()
    assert [row["id"] for row in again.told("openOrder")] == ["3"]
    again.forget()
    again.ask("reqPositions")
    again.ask("reqExecutions", id=50)
    again.ask("reqCompletedOrders")
    assert {row["symbol"]: row["quantity"] for row in again.told("position")}["MSFT"] == "10"
    assert again.told("execDetails") == [] and again.told("completedOrder") == []


def test_a_fill_is_in_time_when_the_state_is_of_this_morning():
    before = House("2026-11-20T09:00 US/Eastern")
    client = before.connect()
    client.place(1, "BUY", 10, "MKT", symbol="MSFT", tif="OPG")
    after = House("2026-11-20T11:00 US/Eastern", state=json.loads(json.dumps(before.gateway.dump())))
    again = after.connect()
    again.ask("reqExecutions", id=50)
    assert [row["time"][9:17] for row in again.told("execDetails")] == ["09:30:00"]
