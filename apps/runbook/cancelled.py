"""What is true after somebody pressed CANCEL, in the words they read."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from apps.runbook.windows import Cancelled

EXCHANGE = ZoneInfo("America/New_York")
SAID = {
    "withdrawn": "withdrawn before it was sent",
    "asked": "cancel is on its way to the broker",
    "done": "had ended before",
}


@dataclass(frozen=True, slots=True)
class Answer:
    title: str
    text: str
    at_broker: bool = False  # whether one more tap has something to cancel there


def answer_of(cancelled: Cancelled) -> Answer:
    """Never more than the rows say."""
    window = cancelled.window
    if cancelled.outcome == "cancelled":
        return Answer("Cancelled, nothing was sent.", f"{_at(window.closed_at)} New York.")
    if cancelled.outcome == "cancelled before":
        who = f"by {window.closed_by} at {_at(window.closed_at)}"
        return Answer("Cancelled before, nothing was sent.", f"It was cancelled {who} New York.")
    if cancelled.outcome == "returned":
        return Answer(
            "Nothing to cancel: it does not send by itself any more.",
            f"Nothing was sent. It waits for a person in Review: {window.reason}.",
        )
    if cancelled.outcome == "recalled":
        return Answer(
            "Cancelled, nothing was sent.",
            f"It was released at {_at(window.closed_at)} and taken back before anything left.",
        )
    if cancelled.outcome == "asked":
        told = [f"{leg.title}: {SAID[leg.said]}, {leg.filled} filled" for leg in cancelled.legs]
        return Answer("Cancels are on their way to the broker.", "; ".join(told) or "No order of it lives.")
    return Answer(
        f"Too late by {cancelled.late_by:.1f} s: sent {_at(cancelled.sent_at, milliseconds=True)}.",
        f"{cancelled.sent} of its entries left; what had not left was taken back. Cancel at broker?",
        at_broker=True,
    )


def _at(moment: datetime | None, *, milliseconds: bool = False) -> str:
    if moment is None:
        return "—"
    there = moment.astimezone(EXCHANGE)
    return f"{there:%H:%M:%S}.{there.microsecond // 1000:03}" if milliseconds else f"{there:%H:%M:%S}"
