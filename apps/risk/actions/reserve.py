"""Take room under the day's limits for a ticket that is about to be sent."""

from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from apps.risk.models import Reservation

DESK_ZONE = ZoneInfo("America/New_York")


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
    Reservation.objects.bulk_create(
        [
            Reservation(
                ticket_key=ticket_key,
                account_code=account_code,
                trading_day=now.astimezone(DESK_ZONE).date(),
                worst_case=worst,
                amount=worst,
                state=Reservation.HELD,
                held_at=now,
            )
        ],
        update_conflicts=True,
        unique_fields=["ticket_key"],
        update_fields=[
            "trading_day", "worst_case", "amount", "state", "held_at", "settled_at", "settled_by",
        ],
    )  # fmt: skip
