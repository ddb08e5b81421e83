"""The market's words."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

GATEWAY = "gateway"  # the source of rates that stands before every other
DESK_ZONE = ZoneInfo("America/New_York")
CALENDAR = "XNYS"  # whose sessions the desk's days are


def desk_day(moment: datetime) -> date:
    """The exchange's date."""
    return moment.astimezone(DESK_ZONE).date()
