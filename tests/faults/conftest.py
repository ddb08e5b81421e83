from pathlib import Path

import pytest

from tests.faults.harness import spare, stage
from tests.road.conftest import account, link, simulator
from tests.stations import stations

__all__ = ["account", "link", "simulator", "spare", "stage", "stations"]

HERE = Path(__file__).parent
# Each of these starts a gateway and a link of its own, for ten to forty seconds: minutes in all, and a busy
# machine stretches them. The ordinary run keeps the stations' faults and the road; `--deep` takes these.
WITH_PROCESSES = (
    "test_a_crashes", "test_a_unknown", "test_b_broker", "test_b_words", "test_c_database", "test_i_overload",
)  # fmt: skip


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.parent == HERE and (
            item.path.stem in WITH_PROCESSES or "stage" in getattr(item, "fixturenames", ())
        ):
            item.add_marker(pytest.mark.deep)
