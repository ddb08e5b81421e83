"""Is this order here already, or would it trade against one of ours?"""

from __future__ import annotations

from tradingdesk.domain.money import Side
from tradingdesk.domain.risk.check import Check, Finding
from tradingdesk.domain.risk.context import Context, LiveOrder


def already_live(context: Context) -> Finding:
    """A contract held or being worked is not entered again: a plan may run twice without harm."""
    con_id = context.contract.con_id
    held = context.book.positions.get(con_id)
    live = [order for order in context.book.live_orders if order.con_id == con_id]
    if held:
        return Finding(f"{held.normalize():f} held", "not held, not working", "SYMBOL_ALREADY_HELD")
    if live:
        return Finding(f"{len(live)} orders working", "not held, not working", "SYMBOL_ALREADY_WORKING")
    return Finding("none", "not held, not working")


def own_cross(context: Context) -> Finding:
    """An order that would trade with a working order of this account is refused."""
    crossing = [order for order in context.book.live_orders if _crosses(context, order)]
    if crossing:
        return Finding(
            f"{len(crossing)} own orders opposite", "none it could trade with", "OWN_ORDER_CROSSED"
        )
    return Finding("none opposite", "none it could trade with")


def _crosses(context: Context, order: LiveOrder) -> bool:
    if order.con_id != context.contract.con_id or order.side is context.line.side:
        return False
    if order.price is None:
        return True
    ours = context.line.limit_price
    return ours >= order.price if context.line.side is Side.BUY else ours <= order.price


DOUBLES = (
    Check("already_live", "Not held and not working already", already_live),
    Check("own_cross", "Does not trade with our own orders", own_cross),
)
