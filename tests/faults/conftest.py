from tests.faults.harness import spare, stage
from tests.road.conftest import account, link, nursery, simulator
from tests.stations import stations

__all__ = ["account", "link", "nursery", "simulator", "spare", "stage", "stations"]
