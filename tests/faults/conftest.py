from tests.faults.harness import stage
from tests.road.conftest import account, link, simulator
from tests.stations import stations

__all__ = ["account", "link", "simulator", "stage", "stations"]
