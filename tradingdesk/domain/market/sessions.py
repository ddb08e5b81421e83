"""When the exchange trades and until when an order may go out.

A session comes from the exchange calendar with its real close, so every moment that hangs on the
close moves by itself on a half day.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from tradingdesk.domain.money import Reason

# How long before the close the exchange stops taking closing-auction orders.
CLOSING_AUCTION_LEAD = {
    "NYSE": timedelta(minutes=10),
    "ARCA": timedelta(minutes=10),
    "AMEX": timedelta(minutes=10),
    "NASDAQ": timedelta(minutes=5),
}
STRICTEST_LEAD = timedelta(minutes=10)
SAFETY = timedelta(seconds=30)
TOLD_AFTER = timedelta(minutes=5)  # the close: the day's result is told, and prices move it no more


@dataclass(frozen=True, slots=True)
class Session:
    """One regular session of one exchange calendar."""

    calendar: str
    day: date
    open_at: datetime
    close_at: datetime
    early: bool = False


@dataclass(frozen=True, slots=True)
class BracketDay:
    """The four moments of a bracket day."""

    submit_at: datetime
    close_out_at: datetime
    auction_cut_off: datetime
    report_at: datetime


def is_open(session: Session, now: datetime) -> bool:
    """True from the opening instant up to, not including, the closing one."""
    return session.open_at <= now < session.close_at


def bracket_day(session: Session, primary_exchange: str = "NYSE") -> BracketDay:
    """Submit five minutes in, close out fifteen before the end, report five after it."""
    return BracketDay(
        submit_at=session.open_at + timedelta(minutes=5),
        close_out_at=session.close_at - timedelta(minutes=15),
        auction_cut_off=closing_auction_cut_off(session, primary_exchange),
        report_at=session.close_at + TOLD_AFTER,
    )


def closing_auction_cut_off(session: Session, primary_exchange: str) -> datetime:
    """The last moment for a closing-auction order; an exchange the table lacks gets the strictest lead."""
    return session.close_at - CLOSING_AUCTION_LEAD.get(primary_exchange, STRICTEST_LEAD) - SAFETY


def time_problem(
    session: Session | None,
    now: datetime,
    *,
    cut_off: datetime | None = None,
    clock_skew: timedelta = timedelta(0),
) -> Reason | None:
    """Why an order may not go out at this moment; an unsure clock narrows the window on both ends."""
    if session is None:
        return Reason("SESSION_UNKNOWN", f"no session is known for {now:%Y-%m-%d}")
    unsure = abs(clock_skew)
    if not (is_open(session, now - unsure) and is_open(session, now + unsure)):
        return Reason(
            "SESSION_CLOSED",
            f"{session.calendar} trades {session.open_at:%H:%M}–{session.close_at:%H:%M} UTC",
        )
    if cut_off is not None and now + unsure >= cut_off:
        return Reason("CUT_OFF_PASSED", f"the last moment was {cut_off:%H:%M:%S} UTC")
    return None
