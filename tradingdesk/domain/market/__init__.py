"""What is traded, at which prices, and when."""

from tradingdesk.domain.market.contract import Contract, changed_fields
from tradingdesk.domain.market.greeks import MODEL_AGE, OPTIONS, Greeks, face_of_option
from tradingdesk.domain.market.quotes import DataType, Quote, QuoteLimits, quote_problem
from tradingdesk.domain.market.sessions import (
    TOLD_AFTER,
    BracketDay,
    Session,
    bracket_day,
    closing_auction_cut_off,
    is_open,
    time_problem,
)
from tradingdesk.domain.market.ticks import Rounding, TickStep, on_tick, round_to_tick
from tradingdesk.domain.market.windows import Window, window_problem

REASONS = {
    "CONTRACT_CHANGED": "The contract no longer is what was approved: a field that prices it moved.",
    "CONTRACT_UNKNOWN": "The broker has not confirmed exactly one contract for this symbol.",
    "QUOTE_MISSING": "There is no quote, or one side of it is missing.",
    "QUOTE_NOT_A_NUMBER": "A price of the quote is NaN, infinite, zero or negative.",
    "QUOTE_CROSSED": "The bid is above the ask.",
    "QUOTE_LOCKED": "The bid equals the ask.",
    "QUOTE_STALE": "The quote is older than the limit allows.",
    "QUOTE_AHEAD": "The quote is dated in the future: a clock is wrong.",
    "QUOTE_HALTED": "Trading in the contract is halted.",
    "QUOTE_NOT_LIVE": "The data is frozen or delayed, not live.",
    "QUOTE_JUMPED": "The price moved further in one step than the limit allows.",
    "SESSION_CLOSED": "The exchange is not in its regular session.",
    "SESSION_UNKNOWN": "The calendar has no session for this day.",
    "HOURS_DIFFER": "The calendar's hours of the session are not the broker's.",
    "HOURS_CLOSED_AT_BROKER": "The calendar has a session for which the broker names no hours.",
    "CUT_OFF_PASSED": "The last moment for this order has passed.",
}

__all__ = [
    "MODEL_AGE",
    "OPTIONS",
    "REASONS",
    "TOLD_AFTER",
    "BracketDay",
    "Contract",
    "DataType",
    "Greeks",
    "Quote",
    "QuoteLimits",
    "Rounding",
    "Session",
    "TickStep",
    "Window",
    "bracket_day",
    "changed_fields",
    "closing_auction_cut_off",
    "face_of_option",
    "is_open",
    "on_tick",
    "quote_problem",
    "round_to_tick",
    "time_problem",
    "window_problem",
]
