"""Take room under the day's limits for a ticket that is about to be sent."""

from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from apps.risk.models import Reservation

DESK_ZONE = ZoneInfo("America/New_York")


def reserve(
    ticket_key: str, *, account_code: str, now: datetime, quantity: Decimal, price: Decimal | None
) -> None:
    """At the worst case: the whole quantity at its limit. Runs inside the claim's transaction."""
    worst = quantity * (price or Decimal(0))
    Reservation.objects.update_or_create(
        ticket_key=ticket_key,
        defaults={
            "account_code": account_code,
            "trading_day": now.astimezone(DESK_ZONE).date(),
            "worst_case": worst,
            "amount": worst,
            "state": Reservation.HELD,
            "held_at": now,
            "settled_at": None,
            "settled_by": "",
        },
    )
