"""Words and rules about alerts that need no table."""

from dataclasses import dataclass
from datetime import datetime, time
from zoneinfo import ZoneInfo

ALARM, REVIEW, COUNTDOWN, FILL, REJECT, END_OF_DAY = (
    "alarm", "review", "countdown", "fill", "reject", "end-of-day",
)  # fmt: skip
CLASSES = {
    ALARM: "Alarm",
    REVIEW: "Review needed",
    COUNTDOWN: "Countdown",
    FILL: "Fill",
    REJECT: "Reject",
    END_OF_DAY: "End of day",
}
# Whatever the hour: somebody must be able to cancel, and to see that trading stands still.
NEVER_SILENT = frozenset({ALARM, COUNTDOWN})
DEADLINE_SECONDS = 5.0
FILE_SCHEME = "desk-file"

REASONS = {
    "CHANNEL_UNREADABLE": "The channel's address cannot be read; it may have been kept under another key.",
    "CHANNEL_UNKNOWN": "Nobody knows a service for this address.",
    "CHANNEL_SILENT": "The channel did not answer within five seconds.",
    "CHANNEL_REFUSED": "The channel's service refused the message or could not be reached.",
    "CHANNEL_NAME_TAKEN": "Another channel has this name.",
    "LINK_SPENT": "The link has been used; it works once.",
    "LINK_OVER": "The link's time is over.",
    "LINK_FORGED": "The link was not made by this desk.",
}


class AlertRefused(Exception):
    """A change to the channels that cannot stand."""

    def __init__(self, code: str, text: str) -> None:
        self.code = code
        super().__init__(text)


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From one time of the day to another, which may be past midnight. Equal times are no hours at all."""

    start: time
    end: time
    zone: str

    def cover(self, now: datetime) -> bool:
        at = now.astimezone(ZoneInfo(self.zone)).time()
        if self.start <= self.end:
            return self.start <= at < self.end
        return at >= self.start or at < self.end


def wanted(kind: str, classes: list[str], quiet: QuietHours | None, now: datetime) -> bool:
    """Whether a message of that class goes by that channel now."""
    if kind not in classes:
        return False
    return kind in NEVER_SILENT or quiet is None or not quiet.cover(now)


def masked(url: str) -> str:
    """The service's name and nothing that opens it."""
    scheme = url.partition(":")[0]
    return f"{scheme}://•••"
