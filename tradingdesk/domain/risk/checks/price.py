"""Is the price one a sane person would trade at, right now?"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from tradingdesk.domain.market import QuoteLimits, on_tick, quote_problem
from tradingdesk.domain.money import Reason, Side
from tradingdesk.domain.plans.line import price_order_problem
from tradingdesk.domain.risk.check import Check, Finding, at_most, limit_check, unless
from tradingdesk.domain.risk.context import Context


def price_order(context: Context) -> Finding:
    line = context.line
    prices = f"{line.stop_price} / {line.limit_price} / {line.target_1} / {line.target_2}"
    return unless(price_order_problem(line), prices, "stop, entry, targets in order")


def tick(context: Context) -> Finding:
    line = context.line
    off = [
        price
        for price in (line.limit_price, line.stop_price, line.target_1, line.target_2)
        if not on_tick(price, context.contract.tick_steps)
    ]
    return Finding(
        ", ".join(str(price) for price in off) or "all on tick",
        "on the tick grid",
        "PRICE_OFF_TICK" if off else "",
    )


def quote(context: Context) -> Finding:
    return unless(_quote_problem(context), "fresh and two-sided", f"≤ {context.limits['quote_age']} s old")


def price_collar(context: Context) -> Finding:
    """How far the limit reaches through the market: a buy above the ask, a sell below the bid."""
    beyond = _reach_bps(context)
    return at_most(beyond, context, name="price_collar", code="PRICE_BEYOND_COLLAR")


def price_distance(context: Context) -> Finding:
    """How far the limit stands away from the market: a price in another unit is found here."""
    beyond = _reach_bps(context)
    away = None if beyond is None else -beyond
    return at_most(away, context, name="price_distance", code="PRICE_FAR_FROM_MARKET")


def _quote_problem(context: Context) -> Reason | None:
    limits = QuoteLimits(
        max_age=timedelta(seconds=float(context.limits["quote_age"])),
        max_jump_pct=context.limits["quote_jump"],
    )
    return quote_problem(context.quote, context.now, limits, previous_mid=context.previous_mid)


def _reach_bps(context: Context) -> Decimal | None:
    touch = None if context.quote is None else context.quote.touch(context.line.side)
    if touch is None or _quote_problem(context) is not None:
        return None
    reach = context.line.limit_price - touch
    return (reach if context.line.side is Side.BUY else -reach) / touch * 10_000


PRICE = (
    Check("price_order", "Stop, entry and targets in order", price_order),
    Check("tick", "Prices on the exchange's grid", tick),
    Check("quote", "Quote fit to price from", quote),
    limit_check("price_collar", price_collar),
    limit_check("price_distance", price_distance),
)
