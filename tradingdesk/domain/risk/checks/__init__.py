"""The first set of checks. To add one: write its function, list it in its module, document its codes."""

from tradingdesk.domain.risk.checks.agreement import AGREEMENT
from tradingdesk.domain.risk.checks.doubles import DOUBLES
from tradingdesk.domain.risk.checks.exposure import EXPOSURE
from tradingdesk.domain.risk.checks.price import PRICE
from tradingdesk.domain.risk.checks.size import SIZE
from tradingdesk.domain.risk.checks.timing import TIMING

FIRST_SET = (*SIZE, *EXPOSURE, *PRICE, *DOUBLES, *TIMING, *AGREEMENT)
# Before the session there is no market to measure: a proposal is judged by the rest.
NEEDS_MARKET = frozenset({"quote", "price_collar", "price_distance", "session"})
AT_PROPOSAL = tuple(check for check in FIRST_SET if check.name not in NEEDS_MARKET)

__all__ = ["AGREEMENT", "AT_PROPOSAL", "DOUBLES", "EXPOSURE", "FIRST_SET", "PRICE", "SIZE", "TIMING"]
