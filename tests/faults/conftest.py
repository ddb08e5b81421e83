from tests.faults.harness import spare, stage
from tests.road.conftest import account, link, simulator
from tests.stations import stations

__all__ = ["account", "link", "simulator", "spare", "stage", "stations"]
