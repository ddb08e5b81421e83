"""The walk's window: an alert was delivered, a while passes, and only then is anything sent.

One clock counts it, the database's. A window that nobody could have seen is never opened; one that would end
past a cut-off is never started; one that is released too late goes back to crawl, because nobody watches a
countdown that is over. Whoever cancels and whoever releases compete for one row: the table decides, and these
functions say what each of them may ask of it.

    ASKED ──delivered──▶ OPEN ──deadline──▶ RELEASED
      │                   │  └──cancel────▶ CANCELLED
      └──undelivered──────┴──late, refused─▶ RETURNED   (a person decides in crawl)
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from tradingdesk.domain.approvals.phases import Phase
from tradingdesk.domain.money import Reason
from tradingdesk.domain.risk.stops import StopLevel, stop_problem
from tradingdesk.domain.risk.verdict import Outcome

LENGTH = timedelta(seconds=60)
HOLD = timedelta(minutes=5)
LATE_AFTER = timedelta(seconds=15)
ALERT_WITHIN = timedelta(seconds=15)
JUMP = timedelta(seconds=2)
LINK_GOOD_FOR = timedelta(minutes=5)  # a cancel link outlives its deadline by so much


class WindowState(StrEnum):
    """A window ends once."""

    ASKED = "asked"
    OPEN = "open"
    RELEASED = "released"
    CANCELLED = "cancelled"
    RETURNED = "returned"


ENDED = frozenset({WindowState.RELEASED, WindowState.CANCELLED, WindowState.RETURNED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """One countdown. `send_at` is nothing before an alert was delivered."""

    state: WindowState
    asked_at: datetime
    cut_off: datetime
    length: timedelta = LENGTH
    send_at: datetime | None = None
    sent_first: bool = False  # passive orders that are sent at once and may be cancelled for a while


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """When it sends, and until when a cancel is offered with one tap."""

    send_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """Everything looked at again in the transaction that releases."""

    now: datetime
    digest_holds: bool
    phase: Phase
    stop: StopLevel
    outcome: Outcome
    blocked: Reason | None = None
    drift: Reason | None = None
    market: Reason | None = None
    books_agree: bool = True
    link_ready: bool = True
    web_fresh: bool = True
    clock_jumped: bool = False


def fits(window: Window, now: datetime) -> Reason | None:
    """Whether a window that starts now would end before the cut-off, with room for its lateness."""
    ends = now + window.length + LATE_AFTER
    if ends >= window.cut_off:
        return Reason("WINDOW_PAST_CUT_OFF", f"it would end at the cut-off, {window.cut_off:%H:%M:%S} UTC")
    return None


def open_window(window: Window, *, delivered: int, now: datetime) -> Opening | Reason:
    """The countdown begins with the delivery of its alert, or not at all."""
    if window.state is not WindowState.ASKED:
        return _ended(window)
    if delivered < 1:
        return Reason("WINDOW_ALERT_UNDELIVERED", "no channel delivered the alert")
    if now - window.asked_at > ALERT_WITHIN:
        return Reason("WINDOW_ALERT_LATE", f"the alert took longer than {ALERT_WITHIN.seconds} s")
    late = fits(window, now)
    if late is not None:
        return late
    ends = now + window.length
    return Opening(send_at=now if window.sent_first else ends, ends_at=ends)


def hold_window(window: Window, now: datetime) -> Opening | Reason:
    """More time to look, within the cut-off. Nobody gains less than the whole of it."""
    if window.state is not WindowState.OPEN or window.send_at is None or window.sent_first:
        return _ended(window)
    later = window.send_at + HOLD
    if later + LATE_AFTER >= window.cut_off:
        return Reason("WINDOW_HOLD_PAST_CUT_OFF", f"the cut-off is at {window.cut_off:%H:%M:%S} UTC")
    return Opening(send_at=later, ends_at=later)


def hurry_problem(window: Window, *, proved: bool) -> Reason | None:
    """Sending before the deadline takes a person who has just proved who they are."""
    if window.state is not WindowState.OPEN or window.send_at is None:
        return _ended(window)
    return None if proved else Reason("PROOF_STALE", "sign in again before you send")


def cancel_problem(window: Window) -> Reason | None:
    """A cancel is good until the release has won, however late that is. It asks for nothing else."""
    return _ended(window) if window.state in ENDED else None


def release_problem(window: Window, around: Surroundings) -> Reason | None:
    """The first reason why the window may not be released now. WINDOW_RUNS and LINK_NOT_READY pass by
    themselves; every other one takes it back to crawl."""
    if window.state is not WindowState.OPEN or window.send_at is None:
        return _ended(window)
    if around.clock_jumped:
        return Reason("CLOCK_JUMPED", "the database's clock and the machine's do not agree")
    if around.now < window.send_at:
        return Reason("WINDOW_RUNS", f"it runs until {window.send_at:%H:%M:%S} UTC")
    if around.now > window.send_at + LATE_AFTER:
        return Reason("WINDOW_LATE", f"it ended {(around.now - window.send_at).total_seconds():.0f} s ago")
    if not around.link_ready:
        return Reason("LINK_NOT_READY", "the link to the broker is not ready")
    return _surroundings_problem(window, around)


def _surroundings_problem(window: Window, around: Surroundings) -> Reason | None:
    if around.now >= window.cut_off:
        return Reason("APPROVAL_CUT_OFF", f"the cut-off was {window.cut_off:%H:%M:%S} UTC")
    if not around.digest_holds:
        return Reason("APPROVAL_CONTENT_CHANGED", "what would be sent is not what was shown")
    if around.phase is Phase.CRAWL:
        return Reason("PHASE_TIGHTENED", "a person has to approve it by now")
    if not around.web_fresh:
        return Reason("WEB_SILENT", "no screen could have shown the countdown")
    if not around.books_agree:
        return Reason("POSITIONS_DIFFER", "the broker counts another position than the desk")
    stopped = stop_problem(around.stop, reduces=False)
    if stopped is not None:
        return stopped
    if around.outcome is Outcome.BLOCK:
        return around.blocked or Reason("CHECK_BLOCKED", "a check blocks it now")
    if around.outcome is Outcome.WARN:
        return Reason("WARNING_UNEXPLAINED", "a check warns, and only a person can say why that may be")
    return around.drift or around.market


WAITS = frozenset({"WINDOW_RUNS", "LINK_NOT_READY"})


def overdue(window: Window, now: datetime) -> Reason | None:
    """What anybody may do with a window that nobody has moved: give it back to people."""
    if window.state is WindowState.ASKED and now - window.asked_at > ALERT_WITHIN:
        return Reason("WINDOW_ALERT_LATE", f"no alert was delivered within {ALERT_WITHIN.seconds} s")
    if window.state is WindowState.OPEN and window.send_at and now > window.send_at + LATE_AFTER:
        return Reason("WINDOW_LATE", f"nothing released it within {LATE_AFTER.seconds} s of its end")
    return None


def _ended(window: Window) -> Reason:
    return Reason("WINDOW_ENDED", f"the window is {window.state}")


@dataclass(frozen=True, slots=True)
class Tick:
    """One reading of two clocks: the database's, and how long this process has lived before and after it."""

    told: datetime
    before: float
    after: float


def jump_between(first: Tick, second: Tick) -> timedelta:
    """By how much the told time moved otherwise than time passed; a slow answer is no jump."""
    told = (second.told - first.told).total_seconds()
    least, most = second.before - first.after, second.after - first.before
    away = told - most if told > most else told - least if told < least else 0.0
    return timedelta(seconds=away)


def jumped(first: Tick | None, second: Tick) -> bool:
    """Whether the two clocks parted by more than anybody may shrug at."""
    return first is not None and abs(jump_between(first, second)) > JUMP
