"""Take room under the day's limits for a ticket that is about to be sent."""

from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from apps.journal.statements import rows_of

DESK_ZONE = ZoneInfo("America/New_York")
HOLD = """
    INSERT INTO risk_reservation
        (ticket_key, account_code, trading_day, worst_case, amount, state, held_at, settled_at, settled_by)
    VALUES (%s, %s, %s, %s, %s, 'held', %s, NULL, '')
    ON CONFLICT (ticket_key) DO UPDATE SET
        trading_day = excluded.trading_day, worst_case = excluded.worst_case, amount = excluded.amount,
        state = excluded.state, held_at = excluded.held_at, settled_at = NULL, settled_by = ''
"""


def reserve(
    ticket_key: str,
    *,
    account_code: str,
    now: datetime,
    quantity: Decimal,
    price: Decimal | None,
    point_value: Decimal = Decimal(1),
) -> None:
    """At the worst case: the whole quantity at its limit. Runs inside the claim's transaction.

    `point_value` is what one unit costs at a price of one: the multiplier, over the unit of the prices.
    A second attempt of the same ticket takes the place of the first.
    """
    worst = quantity * (price or Decimal(0)) * point_value
    rows_of(HOLD, [ticket_key, account_code, now.astimezone(DESK_ZONE).date(), worst, worst, now])
