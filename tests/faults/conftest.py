from tests.faults.harness import stage
from tests.road.conftest import account, link, simulator

__all__ = ["account", "link", "simulator", "stage"]
