"""What a session came to, and whether the strategy has earned the next phase."""

from tradingdesk.domain.scorecard.score import Criterion, Score, SessionRecord, score_of
from tradingdesk.domain.scorecard.slippage import cost_bps, quantile, waiting_cost
from tradingdesk.domain.scorecard.trades import ExitType, Matched, Print, Role, Terms, Trade, exit_type, match

__all__ = [
    "Criterion",
    "ExitType",
    "Matched",
    "Print",
    "Role",
    "Score",
    "SessionRecord",
    "Terms",
    "Trade",
    "cost_bps",
    "exit_type",
    "match",
    "quantile",
    "score_of",
    "waiting_cost",
]
