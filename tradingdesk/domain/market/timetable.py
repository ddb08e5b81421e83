"""The steps of a strategy's day, from the exchange's session: when each is due and when it is too late.

Every moment hangs on the session's own open and close, so a half day, a change of the clocks or an operator's
override moves all of them together. A step past its deadline is missed and is never run late.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from tradingdesk.domain.market.sessions import SAFETY, TOLD_AFTER, Session, closing_auction_cut_off
from tradingdesk.domain.money import Reason

HOURS_TOLERANCE = timedelta(minutes=1)


class Anchor(StrEnum):
    OPEN = "open"
    CLOSE = "close"
    CUT_OFF = "cut-off"  # of the closing auction


class Outcome(StrEnum):
    """How a step ended. Each has one, once."""

    DONE = "done"
    NOTHING = "nothing to do"
    SKIPPED = "skipped"
    MISSED = "missed"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Moment:
    anchor: Anchor
    offset: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True)
class Rule:
    """One step of every session: due from a moment on, and good until another."""

    name: str
    due: Moment
    deadline: Moment


@dataclass(frozen=True, slots=True)
class Step:
    """A rule on one day."""

    name: str
    due_at: datetime
    deadline: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """What an operator knows and the calendar does not. No times: the exchange stays shut."""

    day: date
    reason: str
    open_at: datetime | None = None
    close_at: datetime | None = None

    @property
    def shut(self) -> bool:
        return self.open_at is None and self.close_at is None


def minutes(anchor: Anchor, number: int) -> Moment:
    return Moment(anchor, timedelta(minutes=number))


SUBMIT, CLOSE_OUT, CLEAN_UP, REPORT = "submit", "close out", "clean up", "report"
BEFORE_CUT_OFF = timedelta(minutes=5)


def bracket_rules(before_cut_off: timedelta = BEFORE_CUT_OFF) -> tuple[Rule, ...]:
    """A day of brackets. The closing auction's orders leave that long before the exchange's own cut-off."""
    return (
        Rule(SUBMIT, minutes(Anchor.OPEN, 5), minutes(Anchor.CLOSE, -30)),
        Rule(CLOSE_OUT, Moment(Anchor.CUT_OFF, SAFETY - before_cut_off), Moment(Anchor.CUT_OFF)),
        Rule(CLEAN_UP, minutes(Anchor.CLOSE, 5), minutes(Anchor.CLOSE, 240)),
    )


BRACKET_DAY = bracket_rules()
ACCOUNT_DAY = (Rule(REPORT, Moment(Anchor.CLOSE, TOLD_AFTER), minutes(Anchor.CLOSE, 240)),)


def overridden(session: Session | None, override: Override | None) -> Session | None:
    """The session as the operator says it is; None when the exchange does not open."""
    if override is None or session is None:
        return session
    if override.shut:
        return None
    opens, closes = override.open_at or session.open_at, override.close_at or session.close_at
    return replace(session, open_at=opens, close_at=closes, early=session.early or closes < session.close_at)


def timetable(session: Session | None, rules: Sequence[Rule], *, exchange: str = "NYSE") -> tuple[Step, ...]:
    """The day's steps in the order in which they fall due.

    A step that a short day has no room for stays in the table: it is never due, and is told as missed.
    """
    if session is None:
        return ()
    anchors = {
        Anchor.OPEN: session.open_at,
        Anchor.CLOSE: session.close_at,
        Anchor.CUT_OFF: closing_auction_cut_off(session, exchange),
    }
    steps = [
        Step(
            rule.name,
            due_at=max(session.open_at, anchors[rule.due.anchor] + rule.due.offset),
            deadline=anchors[rule.deadline.anchor] + rule.deadline.offset,
        )
        for rule in rules
    ]
    return tuple(sorted(steps, key=lambda one: one.due_at))


@dataclass(frozen=True, slots=True)
class Situation:
    """Which steps are due now, which were missed, and what comes next."""

    due: tuple[Step, ...]
    missed: tuple[Step, ...]
    next: Step | None


def situation(steps: Iterable[Step], ended: Mapping[str, Outcome], now: datetime) -> Situation:
    """However long nobody looked: what is past its deadline is missed, what is not may still be done."""
    waiting = [step for step in steps if step.name not in ended]
    due = tuple(step for step in waiting if step.due_at <= now < step.deadline)
    missed = tuple(step for step in waiting if now >= step.deadline)
    coming = [step for step in waiting if now < step.due_at]
    return Situation(due, missed, min(coming, key=lambda step: step.due_at, default=None))


def hours_problem(session: Session, told: tuple[datetime, datetime] | None) -> Reason | None:
    """The broker's own hours as a cross-check: calendars have been wrong about half days."""
    if told is None:
        return Reason("HOURS_CLOSED_AT_BROKER", f"the broker names no hours for {session.day}")
    off = max(abs(told[0] - session.open_at), abs(told[1] - session.close_at))
    if off <= HOURS_TOLERANCE:
        return None
    ours = f"{session.open_at:%H:%M}–{session.close_at:%H:%M}"
    return Reason("HOURS_DIFFER", f"calendar {ours}, broker {told[0]:%H:%M}–{told[1]:%H:%M} UTC")
