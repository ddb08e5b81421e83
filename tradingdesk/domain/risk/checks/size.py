"""Is the order of a size this desk trades?"""

from __future__ import annotations

from tradingdesk.domain.risk.check import Finding, at_least, at_most, limit_check
from tradingdesk.domain.risk.context import Context


def order_quantity(context: Context) -> Finding:
    return at_most(context.line.quantity, context, name="order_quantity", code="ORDER_QUANTITY_EXCEEDED")


def min_quantity(context: Context) -> Finding:
    return at_least(context.line.quantity, context, name="min_quantity", code="QUANTITY_BELOW_MINIMUM")


def order_notional(context: Context) -> Finding:
    return at_most(context.notional, context, name="order_notional", code="ORDER_NOTIONAL_EXCEEDED")


def median_multiple(context: Context) -> Finding:
    """Fat fingers: far more than this strategy usually trades. A strategy without a past has no usual."""
    usual = context.book.median_order
    if usual is None:
        return Finding("no orders yet", f"≤ {context.limits['median_multiple']} times")
    multiple = context.notional / usual if usual > 0 else None
    return at_most(multiple, context, name="median_multiple", code="ORDER_FAR_ABOVE_MEDIAN")


SIZE = (
    limit_check("order_quantity", order_quantity),
    limit_check("min_quantity", min_quantity),
    limit_check("order_notional", order_notional),
    limit_check("median_multiple", median_multiple),
)
