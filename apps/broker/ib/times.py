"""Times of the wire. The raw text is kept beside every one of them."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


def wire_time(text: str) -> datetime | None:
    """`20260413 15:27:04 US/Eastern`, `20260611-13:31:08` (UTC), or no zone (UTC: so we set gateways up).

    None when it is none of these; the caller stores the text and alarms.
    """
    words = text.replace("-", " ", 1).split() if "-" in text[:9] else text.split()
    if len(words) < 2:
        return None
    try:
        zone = ZoneInfo(words[2]) if len(words) > 2 else UTC
        return (
            datetime.strptime(f"{words[0]} {words[1]}", "%Y%m%d %H:%M:%S")
            .replace(tzinfo=zone)
            .astimezone(UTC)
        )
    except (ValueError, ZoneInfoNotFoundError):
        return None
