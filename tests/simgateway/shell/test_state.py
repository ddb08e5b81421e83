"""The snapshot on disk."""

import json
from pathlib import Path

import pytest

from apps.simgateway.state import Keeper, StateFile


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
