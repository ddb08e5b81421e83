"""What may be risked: limits in versions, checks with verdicts, stops and reservations."""

from collections.abc import Iterable

from tradingdesk.domain.risk.check import Check, Finding
from tradingdesk.domain.risk.checks import AT_PROPOSAL, FIRST_SET
from tradingdesk.domain.risk.context import Book, Context, LiveOrder
from tradingdesk.domain.risk.limits import (
    LIMITS,
    Limit,
    LimitChange,
    LimitSet,
    Severity,
    changes_between,
    values_problem,
)
from tradingdesk.domain.risk.reservations import (
    Grant,
    Reservation,
    ReservationState,
    committed,
    note_fills,
    reopen,
    reserve,
    settle,
)
from tradingdesk.domain.risk.stops import (
    StopLevel,
    close_quantity,
    provably_reduces,
    stop_problem,
    strictest,
)
from tradingdesk.domain.risk.verdict import Outcome, Verdict, failures_first, worst

REASONS = {
    "ORDER_QUANTITY_EXCEEDED": "More units than one order may have.",
    "QUANTITY_BELOW_MINIMUM": "Fewer units than a line needs.",
    "ORDER_NOTIONAL_EXCEEDED": "The order is worth more than one order may be.",
    "ORDER_FAR_ABOVE_MEDIAN": "The order is many times what this strategy usually trades.",
    "DAILY_NOTIONAL_EXCEEDED": "The day's orders would be worth more than allowed.",
    "DAILY_EXPOSURE_EXCEEDED": "The day's entries would be worth more than allowed.",
    "GROSS_EXPOSURE_EXCEEDED": "The account would carry more gross exposure than allowed.",
    "POSITION_COUNT_EXCEEDED": "The account would hold more positions than allowed.",
    "FUNDS_INSUFFICIENT": "The order would use more of the available funds than allowed.",
    "FUNDS_EXHAUSTED": "No funds are available.",
    "CUMULATIVE_LOSS_REACHED": "The strategy's cumulative result passed its threshold.",
    "PRICE_OFF_TICK": "A price is not on the exchange's grid.",
    "PRICE_BEYOND_COLLAR": "The limit price reaches further through the market than allowed.",
    "PRICE_FAR_FROM_MARKET": "The limit price stands so far from the market that a unit may be wrong.",
    "SYMBOL_ALREADY_HELD": "The contract is already held.",
    "SYMBOL_ALREADY_WORKING": "An order in the contract is already working or of unknown fate.",
    "OWN_ORDER_CROSSED": "The order could trade with one of our own.",
    "ORDER_RATE_EXCEEDED": "Too many orders within a minute.",
    "LIMIT_UNKNOWN": "There is no limit of this name.",
    "LIMIT_NOT_A_NUMBER": "A limit must be a finite number.",
    "LIMIT_NEGATIVE": "This limit cannot be below zero.",
    "LIMIT_NOT_A_SWITCH": "This limit is a switch: 1 for yes, 0 for no.",
    "RESERVATION_NO_ROOM": "The worst case would pass the limit.",
    "RESERVATION_AMOUNT_BAD": "The amount to reserve is not a finite amount.",
    "STOP_HALTED": "Trading is halted.",
    "STOP_REDUCE_ONLY": "Only orders that provably reduce a position may leave.",
    "STOP_NOT_REDUCING": "A stop flattens, and this order would do more than reduce a position.",
    "BREAKER_DAY_LOSS": "The day's loss reached the threshold of its breaker.",
    "BREAKER_CUMULATIVE_LOSS": "A strategy's cumulative loss reached the threshold of its warning.",
    "BREAKER_DRAWDOWN": "The account stands too far below its highest value.",
    "BREAKER_REJECT_RATE": "Too many of the last orders were refused by the broker.",
    "BREAKER_IDENTICAL_ORDERS": "A strategy sent the same entry again and again.",
    "BREAKER_MESSAGE_RATE": "More messages left in a second than the desk ever means to send.",
    "BREAKER_LINK_FLAPS": "The connection to the gateway broke too often within an hour.",
    "BREAKER_CLOCK_SKEW": "The desk's clock and the broker's are too far apart.",
    "BREAKER_LIMITS": "A limit was written to by something else than the desk's own action.",
    "BREAKER_JOURNAL": "A line of the journal is missing or is not as it was written.",
    **{
        f"{name.upper()}_NOT_KNOWN": f"{limit.title}: could not be measured."
        for name, limit in LIMITS.items()
    },
}


def judge(context: Context, checks: Iterable[Check] = FIRST_SET) -> tuple[Verdict, ...]:
    """Every check's verdict; none is skipped because another failed."""
    return tuple(check(context) for check in checks)


__all__ = [
    "AT_PROPOSAL",
    "FIRST_SET",
    "LIMITS",
    "REASONS",
    "Book",
    "Check",
    "Context",
    "Finding",
    "Grant",
    "Limit",
    "LimitChange",
    "LimitSet",
    "LiveOrder",
    "Outcome",
    "Reservation",
    "ReservationState",
    "Severity",
    "StopLevel",
    "Verdict",
    "changes_between",
    "close_quantity",
    "committed",
    "failures_first",
    "judge",
    "note_fills",
    "provably_reduces",
    "reopen",
    "reserve",
    "settle",
    "stop_problem",
    "strictest",
    "values_problem",
    "worst",
]
