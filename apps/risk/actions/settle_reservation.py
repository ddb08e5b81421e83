"""Give back the room under the limits that a finished ticket did not use."""

from decimal import Decimal

from django.db.models import F

from apps.journal import clock
from apps.risk.models import Reservation


def settle_reservation(ticket_key: str, *, used: Decimal, by: str) -> None:
    """`used` is the share of the ticket that filled. Runs in the caller's transaction.

    A fill that is told after the end raises what was used; nothing ever lowers it.
    """
    state = Reservation.USED if used else Reservation.FREED
    Reservation.objects.filter(ticket_key=ticket_key).update(
        amount=F("worst_case") * used, state=state, settled_at=clock.now(), settled_by=by
    )


def hold_again(ticket_key: str) -> None:
    """An order that was thought over is alive after all: it counts at its worst case again."""
    settled = Reservation.objects.filter(ticket_key=ticket_key).exclude(state=Reservation.HELD)
    settled.update(state=Reservation.HELD, amount=F("worst_case"), settled_at=None, settled_by="")
