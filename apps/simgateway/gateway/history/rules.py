"""What may be asked of history: bar sizes, durations, data kinds, date texts, and how often."""

import re
from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from apps.simgateway.exchange.instant import (
    DAY,
    HOUR,
    MINUTE,
    SECOND,
    Instant,
    Micros,
    from_datetime,
    to_datetime,
)

BAR_SIZES: dict[str, Micros] = {
    "1 secs": SECOND,
    "5 secs": 5 * SECOND,
    "10 secs": 10 * SECOND,
    "15 secs": 15 * SECOND,
    "30 secs": 30 * SECOND,
    "1 min": MINUTE,
    "2 mins": 2 * MINUTE,
    "3 mins": 3 * MINUTE,
    "5 mins": 5 * MINUTE,
    "10 mins": 10 * MINUTE,
    "15 mins": 15 * MINUTE,
    "20 mins": 20 * MINUTE,
    "30 mins": 30 * MINUTE,
    "1 hour": HOUR,
    "2 hours": 2 * HOUR,
    "3 hours": 3 * HOUR,
    "4 hours": 4 * HOUR,
    "8 hours": 8 * HOUR,
    "1 day": DAY,
    "1 week": 7 * DAY,
    "1 month": 30 * DAY,
}
_OTHER_SPELLINGS = {
    "1 sec": "1 secs",
    "1 mins": "1 min",
    "1 hours": "1 hour",
    "1 days": "1 day",
    "1D": "1 day",
    "1W": "1 week",
    "1M": "1 month",
}
PRICE_KINDS = ("TRADES", "MIDPOINT", "BID", "ASK", "BID_ASK", "ADJUSTED_LAST", "AGGTRADES")
OTHER_KINDS = ("HISTORICAL_VOLATILITY", "OPTION_IMPLIED_VOLATILITY", "FEE_RATE", "SCHEDULE")
_DURATION = re.compile(r"(\d{1,5}) ?([SDWMY])")
_UNITS = {"S": SECOND, "D": DAY, "W": 7 * DAY, "M": 30 * DAY, "Y": 365 * DAY}
_MOMENT = re.compile(r"(\d{8})(?: +|-)(\d{2}:\d{2}:\d{2})(?: +(\S+(?: \S+)*))?")
_ZONES = {"EST": "US/Eastern", "EDT": "US/Eastern", "CST": "US/Central", "GMT": "UTC", "BST": "Europe/London"}

WRONG_MOMENT = (
    "End Date/Time: The date, time, or time-zone entered is invalid. "
    "The correct format is yyyymmdd hh:mm:ss xx/xxxx "
    "where yyyymmdd and xx/xxxx are optional. E.g.: 20031126 15:59:00 US/Eastern"
)


def bar_size(text: str) -> str | None:
    """The one spelling of a bar size; None when there is no such size."""
    size = _OTHER_SPELLINGS.get(text.strip(), text.strip())
    return size if size in BAR_SIZES else None


def duration(text: str) -> tuple[int, str] | None:
    """Count and unit of a duration; None when it is not one."""
    match = _DURATION.fullmatch(text.strip())
    return (int(match[1]), match[2]) if match and int(match[1]) else None


def rough_length(count: int, unit: str) -> Micros:
    return count * _UNITS[unit]


def moment(text: str, zone: str) -> Instant | None:
    """An end date as clients spell it; None when it is not one. A zone of its own comes first."""
    match = _MOMENT.fullmatch(text.strip())
    if match is None:
        return None
    named = match[3] or ("UTC" if "-" in text else zone)
    try:
        local = datetime.strptime(match[1] + match[2], "%Y%m%d%H:%M:%S")
        return from_datetime(local.replace(tzinfo=ZoneInfo(_ZONES.get(named, named))))
    except (ValueError, KeyError, OSError):
        return None


def moment_text(at: Instant, zone: str, version: int) -> str:
    """A time as the gateway writes it: with the zone's name from version 174 on."""
    local = to_datetime(at).astimezone(ZoneInfo(zone))
    return f"{local:%Y%m%d %H:%M:%S} {zone}" if version >= 174 else f"{local:%Y%m%d  %H:%M:%S}"


def bar_date(at: Instant, zone: str, *, size: str, date_format: int, version: int) -> str:
    """The date field of a bar."""
    if BAR_SIZES[size] >= DAY:
        return f"{to_datetime(at):%Y%m%d}"
    return str(at // SECOND) if date_format == 2 else moment_text(at, zone, version)


def head_text(at: Instant, date_format: int) -> str:
    return str(at // SECOND) if date_format == 2 else f"{to_datetime(at).astimezone(UTC):%Y%m%d-%H:%M:%S}"


@dataclass(slots=True)
class Pace:
    """How often a client asked for history lately."""

    latest: dict[object, Instant] = field(default_factory=dict)  # the very same request
    by_contract: dict[object, deque[Instant]] = field(default_factory=dict)
    small: deque[Instant] = field(default_factory=deque)  # requests that count for the ten minutes

    def admits(
        self, now: Instant, *, request: object, contract: object, counted: bool, weight: int = 1
    ) -> bool:
        """Six in two seconds for a contract, sixty in ten minutes, none twice in fifteen seconds."""
        last = self.latest.get(request)
        burst = self.by_contract.setdefault(contract, deque())
        _forget(burst, now - 2 * SECOND)
        _forget(self.small, now - 10 * MINUTE)
        if last is not None and now - last < 15 * SECOND:
            return False
        if len(burst) >= 6 or (counted and len(self.small) + weight > 60):
            return False
        if len(self.latest) > 500:
            self.latest = {key: at for key, at in self.latest.items() if now - at < 15 * SECOND}
        self.latest[request] = now
        burst.append(now)
        if counted:
            self.small.extend([now] * weight)
        return True


def _forget(times: deque[Instant], before: Instant) -> None:
    while times and times[0] <= before:
        times.popleft()
