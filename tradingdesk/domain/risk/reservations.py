"""Room under a limit, held for an order from its claim until the broker's word frees it.

The worst case is the only case: a reservation counts in full while its order may still fill, an
order of unknown fate included. What filled stays counted; what can no longer fill is given back.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum

from tradingdesk.domain.money import Reason


class ReservationState(StrEnum):
    """HELD while the order may fill, USED when only its fills count, FREED when nothing came of it."""

    HELD = "held"
    USED = "used"
    FREED = "freed"


@dataclass(frozen=True, slots=True)
class Reservation:
    """The amount one ticket may cost over all its attempts, and how much of it has been spent."""

    ticket_key: str
    amount: Decimal
    used: Decimal = Decimal(0)
    state: ReservationState = ReservationState.HELD

    @property
    def committed(self) -> Decimal:
        """What the limit must count for this ticket now."""
        return max(self.amount, self.used) if self.state is ReservationState.HELD else self.used


@dataclass(frozen=True, slots=True)
class Grant:
    """Room was found, or the reason why not; the room left is told in both cases."""

    reservation: Reservation | None
    room_left: Decimal
    refused: Reason | None = None


def committed(reservations: Iterable[Reservation]) -> Decimal:
    """The worst case over all of them."""
    return sum((reservation.committed for reservation in reservations), Decimal(0))


def reserve(ticket_key: str, amount: Decimal, *, among: Iterable[Reservation], limit: Decimal) -> Grant:
    """Hold room for a ticket if the worst case still fits.

    Asking twice holds once. What earlier attempts of the ticket used stays used: the amount comes on top.
    """
    known = tuple(among)
    room = limit - committed(other for other in known if other.ticket_key != ticket_key)
    used = sum((earlier.used for earlier in known if earlier.ticket_key == ticket_key), Decimal(0))
    if not amount.is_finite() or amount < 0:
        return Grant(None, room, Reason("RESERVATION_AMOUNT_BAD", f"{amount} cannot be reserved"))
    whole = used + amount
    if whole > room:
        return Grant(
            None, room, Reason("RESERVATION_NO_ROOM", f"{whole:,.2f} wanted, {room:,.2f} left of {limit:,}")
        )
    return Grant(Reservation(ticket_key, whole, used), room - whole)


def note_fills(reservation: Reservation, used: Decimal) -> Reservation:
    """Fills only ever add."""
    return replace(reservation, used=max(reservation.used, used))


def settle(reservation: Reservation) -> Reservation:
    """The order can no longer fill: give back what it did not use. Only for ends the broker proved."""
    state = ReservationState.USED if reservation.used else ReservationState.FREED
    return replace(reservation, state=state)


def reopen(reservation: Reservation) -> Reservation:
    """An order thought dead may fill after all: its full amount counts again."""
    return replace(reservation, state=ReservationState.HELD)
