"""Do our books and the broker's agree well enough to add to them?"""

from __future__ import annotations

from tradingdesk.domain.risk.check import Check, Finding, unless
from tradingdesk.domain.risk.context import Context

NONE_OPEN = "no open case of weight"


def no_break(context: Context) -> Finding:
    """An open difference of weight blocks what would add to its instrument, or to the whole account."""
    problem = context.book.frozen or context.book.breaks.get(context.contract.con_id)
    return unless(problem, "none", NONE_OPEN)


AGREEMENT = (Check("no_break", "Books agree with the broker's", no_break),)
