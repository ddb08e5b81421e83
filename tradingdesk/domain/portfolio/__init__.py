"""What was traded, what is held, what it earned."""

from tradingdesk.domain.portfolio.cash import Cause, Flow, fee_flow, flows_of
from tradingdesk.domain.portfolio.executions import root_and_revision
from tradingdesk.domain.portfolio.fills import Booking, Fill, book, commission, standing
from tradingdesk.domain.portfolio.fx import Converted, Rate, Rates
from tradingdesk.domain.portfolio.nav import Exposure, Holding, Nav, Valued, exposure_of, nav_of, value_of
from tradingdesk.domain.portfolio.pnl import unrealized
from tradingdesk.domain.portfolio.positions import (
    Adopted,
    Position,
    Step,
    after_trade,
    agrees,
    left_to_close,
    position_of,
    walk,
)

REASONS = {
    "FX_RATE_MISSING": "No source has told a rate of this currency in the base currency.",
    "FX_RATE_STALE": "The rate of this currency is older than a day.",
    "FX_RATE_IMPOSSIBLE": "The rate of this currency is zero or negative.",
    "MARK_MISSING": "The position has no price, so what it is worth is unknown.",
    "OPENING_MARK_MISSING": "Nobody knows at what price the position was valued when the day began.",
    "OPENING_RATE_MISSING": "Nobody knows the exchange rate with which the day began.",
    "FACE_UNKNOWN": "The option has neither a model of the broker nor a strike, so its exposure is unknown.",
    "COST_MISSING": "The future has no cost, so what it has gained is unknown.",
}

__all__ = [
    "REASONS",
    "Adopted",
    "Booking",
    "Cause",
    "Converted",
    "Exposure",
    "Fill",
    "Flow",
    "Holding",
    "Nav",
    "Position",
    "Rate",
    "Rates",
    "Step",
    "Valued",
    "after_trade",
    "agrees",
    "book",
    "commission",
    "exposure_of",
    "fee_flow",
    "flows_of",
    "left_to_close",
    "nav_of",
    "position_of",
    "root_and_revision",
    "standing",
    "unrealized",
    "value_of",
    "walk",
]
