"""A window as a page shows it: when it sends, what it sends, who was told, and what became of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from apps.approvals.queries import window_of_request
from apps.dashboard.books import Books
from apps.dashboard.cards import Card, Notice, card_of
from apps.dashboard.countdowns import skew
from apps.dashboard.effect import Change
from apps.dashboard.shell import Shell
from apps.dashboard.templatetags.desk import clock as clock_text
from apps.dashboard.templatetags.desk import money
from apps.journal.queries import entries_about
from apps.operators.queries import may
from apps.runbook.cancelled import Answer
from tradingdesk.domain.approvals.windows import HOLD

RUNNING = ("asked", "open")
LIMITED = {"Gross exposure": "gross_exposure", "Bracket exposure today": "daily_exposure"}


@dataclass(frozen=True, slots=True)
class Step:
    """One line of what happened so far, or is to come."""

    at: datetime | None
    text: str
    detail: str = ""
    to_come: bool = False


class Countdown:
    """One window: how far it has come, and when it ends on this process's clock."""

    def __init__(self, window: Any, card: Card, answer: Answer | None = None) -> None:
        self.window = window
        self.card = card
        self.answer = answer
        self.ahead = skew()

    @property
    def number(self) -> int:
        return int(self.window.request_id)

    @property
    def running(self) -> bool:
        return self.window.state in RUNNING

    @property
    def counts(self) -> bool:
        return bool(self.window.state == "open")

    @property
    def taps(self) -> bool:
        """Sent first, and a tap still cancels it at the broker."""
        end = self.window.ends_at
        return bool(
            self.window.state == "released" and self.window.sent_first and end and end > self.card.shell.now
        )

    @property
    def living(self) -> bool:
        return any(
            row.state in ("RELEASED", "CLAIMED", "SENDING", "WORKING", "UNKNOWN") for row in self.card.tickets
        )

    @property
    def until(self) -> datetime | None:
        end = self.window.ends_at if self.taps else self.window.send_at
        return end + self.ahead if end and (self.counts or self.taps) else None

    @property
    def whole_ms(self) -> int:
        begun, end = self.window.opened_at, self.window.ends_at or self.window.send_at
        return int((end - begun).total_seconds() * 1000) if begun and end else 1

    def _at(self, moment: datetime | None) -> str:
        return clock_text(moment, self.card.shell.zone)


class Walk(Countdown):
    """The page of it; what is said of the orders is the card's own."""

    @property
    def heading(self) -> str:
        window = self.window
        if window.state == "asked":
            return "Nothing counts before the alert is delivered"
        if window.state == "open":
            return f"Sends at {self._at(window.send_at)} unless you cancel"
        if window.state == "cancelled":
            return f"Cancelled at {self._at(window.closed_at)}, nothing was sent"
        if window.state == "returned":
            return "Back in crawl, nothing was sent"
        return f"Released at {self._at(window.closed_at)}"

    @property
    def said(self) -> str:
        """The short word on what has left."""
        if self.window.state != "released":
            return "Nothing sent yet" if self.running else "Nothing sent"
        return "Sent first" if self.window.sent_first else "Released"

    @property
    def manner(self) -> str:
        if self.window.state == "returned":
            return str(self.window.reason)
        if self.window.state == "released":
            return self.card.outcome
        return "send, then cancel" if self.window.sent_first else "hold, then send"

    @property
    def told(self) -> str:
        rows = [
            f"{row['channel']} {self._at(datetime.fromisoformat(row['at']))}" for row in self.window.delivered
        ]
        return ", ".join(rows) or "not yet"

    @property
    def entries(self) -> list[Any]:
        return self.card.legs

    @cached_property
    def effect(self) -> list[tuple[Change, str]]:
        limits = self.card.books.limits
        return [
            (row, money(limits[LIMITED[row.title]], 0) if row.title in LIMITED else "—")
            for row in self.card.effect
        ]

    @cached_property
    def steps(self) -> list[Step]:
        request, window = self.card.request, self.window
        steps = [Step(request.opened_at, "Proposed and judged", self.card.checks_summary)]
        steps += [
            Step(entry.at, *_told(entry))
            for entry in sorted(
                entries_about([("approvals.window", [str(window.pk)])]), key=lambda one: one.sequence
            )
        ]
        if self.running:
            at = window.send_at
            steps.append(Step(at, f"Send {request.order_count} orders", "", to_come=True))
        return steps

    @property
    def hold_minutes(self) -> str:
        return f"{int(HOLD.total_seconds() // 60)}:00"

    def may(self, verb: str) -> bool:
        return may(self.card.shell.request.user, verb, self.card.request.account.code)

    may_cancel = property(lambda self: self.may("cancel"))
    may_hold = property(lambda self: self.may("hold") and self.counts and not self.window.sent_first)
    may_send = property(lambda self: self.may("send_now") and self.counts and not self.window.sent_first)


TOLD = {
    "ask_window": "Alert asked for",
    "open_window": "Alert delivered, window opened",
    "hold_window": "Held for five minutes",
    "hurry_window": "Sent now",
    "cancel_window": "Cancelled",
    "return_window": "Given back to people",
    "release_window": "Released",
}


def _told(entry: Any) -> tuple[str, str]:
    after: Mapping[str, Any] = entry.after or {}
    detail = ", ".join(after.get("delivered", [])) if entry.verb == "open_window" else entry.reason
    by = "" if entry.actor_kind in ("system", "link") else f" by {entry.actor}"
    return TOLD.get(entry.verb, entry.verb) + by, str(detail)


def walk_of(number: int, shell: Shell, books: Books, answer: Answer | None = None) -> Walk | None:
    window = window_of_request(number)
    notice = Notice(answer.title, answer.text) if answer else None
    card = card_of(number, shell, books, notice=notice) if window else None
    return Walk(window, card, answer) if window is not None and card is not None else None
