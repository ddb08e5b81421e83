"""Give back the room under the limits that a finished ticket did not use."""

from decimal import Decimal

from apps.journal import clock
from apps.risk.models import Reservation


def settle_reservation(ticket_key: str, *, used: Decimal, by: str) -> None:
    """`used` is the share of the ticket that filled. Runs in the caller's transaction."""
    held = Reservation.objects.select_for_update().filter(ticket_key=ticket_key).first()
    if held is None:
        return
    held.amount = held.worst_case * used
    held.state = Reservation.USED if used else Reservation.FREED
    held.settled_at, held.settled_by = clock.now(), by
    held.save()
