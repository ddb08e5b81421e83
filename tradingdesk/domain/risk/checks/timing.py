"""Is this the time for it, and is it not too much at once?"""

from __future__ import annotations

from datetime import timedelta

from tradingdesk.domain.market import time_problem
from tradingdesk.domain.risk.check import Check, Finding, limit_check, unless
from tradingdesk.domain.risk.context import Context


def session(context: Context) -> Finding:
    lead = context.limits["minutes_to_close"]
    cut_off = None if context.session is None else context.session.close_at - timedelta(minutes=float(lead))
    problem = time_problem(context.session, context.now, cut_off=cut_off, clock_skew=context.clock_skew)
    return unless(problem, f"{context.now:%H:%M:%S} UTC", f"in session, {lead} min before its close")


def order_rate(context: Context) -> Finding:
    sent, limit = context.book.orders_last_minute + context.orders_to_send, context.limits["order_rate"]
    return Finding(f"{sent} orders", f"≤ {limit} orders", "ORDER_RATE_EXCEEDED" if sent > limit else "")


TIMING = (
    Check("session", "In session and before the cut-off", session),
    limit_check("order_rate", order_rate),
)
