"""What was traded, what is held, what it earned."""

from tradingdesk.domain.portfolio.executions import root_and_revision
from tradingdesk.domain.portfolio.fills import Booking, Fill, book, commission, standing
from tradingdesk.domain.portfolio.pnl import DayResult, day_result, unrealized
from tradingdesk.domain.portfolio.positions import Position, after_trade, agrees, left_to_close, position_of

__all__ = [
    "Booking",
    "DayResult",
    "Fill",
    "Position",
    "after_trade",
    "agrees",
    "book",
    "commission",
    "day_result",
    "left_to_close",
    "position_of",
    "root_and_revision",
    "standing",
    "unrealized",
]
