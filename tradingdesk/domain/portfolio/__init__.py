"""What was traded, what is held, what it earned."""

from tradingdesk.domain.portfolio.executions import root_and_revision

__all__ = ["root_and_revision"]
