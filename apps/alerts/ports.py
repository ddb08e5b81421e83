"""Words and rules about alerts that need no table."""

from dataclasses import dataclass
from datetime import datetime, time
from zoneinfo import ZoneInfo

CRITICAL, HIGH, MEDIUM, ADVISORY = SEVERITIES = ("critical", "high", "medium", "advisory")
RANK = {severity: place for place, severity in enumerate(SEVERITIES)}
ALARM, REVIEW, COUNTDOWN, FILL, REJECT, PROGRESS, END_OF_DAY = (
    "alarm", "review", "countdown", "fill", "reject", "progress", "end-of-day",
)  # fmt: skip
# What a message is about.
KINDS = (ALARM, REVIEW, COUNTDOWN, FILL, REJECT, PROGRESS, END_OF_DAY)
# What a channel is asked for: alarms by their severity, the rest by what they are about.
CLASSES = {
    CRITICAL: "Alarm, critical",
    HIGH: "Alarm, high",
    MEDIUM: "Alarm, medium",
    ADVISORY: "Alarm, advisory",
    REVIEW: "Review needed",
    COUNTDOWN: "Countdown",
    FILL: "Fill",
    REJECT: "Reject",
    PROGRESS: "Steps of the day",
    END_OF_DAY: "End of day",
}
# Whatever the hour: somebody must be able to cancel, and to hear what cannot wait for the morning.
NEVER_SILENT = frozenset({CRITICAL, COUNTDOWN})
# Told again after a failure, that many seconds later each time; then the channel is given up for the message.
RETRIES = (10, 60, 300)
# A wrong address does not become right by waiting.
NOT_RETRIED = frozenset({"CHANNEL_UNKNOWN", "CHANNEL_UNREADABLE", "CHANNEL_FENCED"})
DEADLINE_SECONDS = 5.0
FILE_SCHEME = "desk-file"

REASONS = {
    "CHANNEL_UNREADABLE": "The channel's address cannot be read; it may have been kept under another key.",
    "CHANNEL_UNKNOWN": "Nobody knows a service for this address.",
    "CHANNEL_SILENT": "The channel did not answer within five seconds.",
    "CHANNEL_REFUSED": "The channel's service refused the message or could not be reached.",
    "CHANNEL_FENCED": "This process may reach nothing outside its own machine: it is a test.",
    "CHANNEL_HOLDER_UNKNOWN": "The channel belongs to a person or a role that does not exist.",
    "CHANNEL_NAME_TAKEN": "Another channel has this name.",
    "LINK_SPENT": "The link has been used; it works once.",
    "LINK_OVER": "The link's time is over.",
    "LINK_FORGED": "The link was not made by this desk.",
    "POLICY_OUT_OF_RANGE": "The waits of alerts are thirty seconds to an hour.",
    "ALARM_NOT_OPEN": "The alarm is over, or somebody has acknowledged it before.",
    "HEARTBEAT_FAILED": "The outside address did not take the desk's sign of life.",
    "HEARTBEAT_WITHHELD": "The desk is not well, so it gives no sign of life to the outside.",
}


class AlertRefused(Exception):
    """A change to the channels or the alarms that cannot stand."""

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
