"""Times as clients write them and as gateways do."""

import re
from datetime import UTC, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from apps.simgateway.exchange.instant import SECOND, Instant, from_datetime, to_datetime

_WRITTEN = re.compile(r"(\d{8})(?:([ -])(\d{1,2}:\d{2}(?::\d{2})?))?(?: +(.+))?")
_ABBREVIATED = {
    "EST": "US/Eastern",
    "EDT": "US/Eastern",
    "CST": "US/Central",
    "CDT": "US/Central",
    "GMT": "UTC",
    "CET": "Europe/Berlin",
    "MET": "Europe/Berlin",
    "BST": "Europe/London",
}


def read_moment(text: str, home: str) -> Instant:
    """`20260420 15:30:00 US/Eastern`, with a dash for UTC, without a zone for the gateway's own."""
    match = _WRITTEN.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"{text!r} is not a time")
    day, joint, clock, zone = match.groups()
    clock = clock or "23:59:59"
    if clock.count(":") == 1:
        clock += ":00"
    moment = datetime.strptime(f"{day} {clock}", "%Y%m%d %H:%M:%S")
    return from_datetime(moment.replace(tzinfo=_zone(zone or ("UTC" if joint == "-" else home))))


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(_ABBREVIATED.get(name, name))
    except (ZoneInfoNotFoundError, ValueError):
        raise ValueError(f"{name!r} is not a time zone") from None


@lru_cache(maxsize=256)
def written_execution_time(seconds: int, style: str, zone: str, *, old: bool) -> str:
    """The time of a print: zone-less before version 174, else with its zone or in UTC with a dash."""
    moment = to_datetime(seconds * SECOND)
    if old:
        return f"{moment.astimezone(ZoneInfo(zone)):%Y%m%d  %H:%M:%S}"
    if style == "dash":
        return f"{moment.astimezone(UTC):%Y%m%d-%H:%M:%S}"
    return f"{moment.astimezone(ZoneInfo(zone)):%Y%m%d %H:%M:%S} {zone}"
