"""Does the account stay within its limits even if everything open fills?"""

from __future__ import annotations

from tradingdesk.domain.risk.check import Finding, at_least, at_most, limit_check
from tradingdesk.domain.risk.context import Context


def daily_notional(context: Context) -> Finding:
    ordered = context.book.ordered_today + context.notional
    return at_most(ordered, context, name="daily_notional", code="DAILY_NOTIONAL_EXCEEDED")


def daily_exposure(context: Context) -> Finding:
    committed = context.book.committed_today + context.notional
    return at_most(committed, context, name="daily_exposure", code="DAILY_EXPOSURE_EXCEEDED")


def gross_exposure(context: Context) -> Finding:
    held = context.book.gross_exposure
    after = None if held is None else held + context.notional
    return at_most(after, context, name="gross_exposure", code="GROSS_EXPOSURE_EXCEEDED")


def open_positions(context: Context) -> Finding:
    """Every contract held or being worked counts, and this one."""
    held = {con_id for con_id, quantity in context.book.positions.items() if quantity}
    working = {order.con_id for order in context.book.live_orders}
    count = len(held | working | {context.contract.con_id})
    limit = context.limits["open_positions"]
    return Finding(
        f"{count} positions", f"≤ {limit} positions", "POSITION_COUNT_EXCEEDED" if count > limit else ""
    )


def balance_share(context: Context) -> Finding:
    funds = context.book.available_funds
    if funds is not None and funds <= 0:
        return Finding(f"{funds:,.2f} available", "funds above zero", "FUNDS_EXHAUSTED")
    share = None if funds is None else context.notional / funds * 100
    return at_most(share, context, name="balance_share", code="FUNDS_INSUFFICIENT")


def cumulative_loss(context: Context) -> Finding:
    """Warns and lets trading go on: the threshold of the test is a message, not a brake."""
    result = context.book.cumulative_result
    return at_least(result, context, name="cumulative_loss", code="CUMULATIVE_LOSS_REACHED")


EXPOSURE = (
    limit_check("daily_notional", daily_notional),
    limit_check("daily_exposure", daily_exposure),
    limit_check("gross_exposure", gross_exposure),
    limit_check("open_positions", open_positions),
    limit_check("balance_share", balance_share),
    limit_check("cumulative_loss", cumulative_loss),
)
