"""Which trading day a moment belongs to in the books."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

EXCHANGE_ZONE = ZoneInfo("America/New_York")


def desk_day(moment: datetime) -> date:
    return moment.astimezone(EXCHANGE_ZONE).date()
