from tests.stations import stations

__all__ = ["stations"]
