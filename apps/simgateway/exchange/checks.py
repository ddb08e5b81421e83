"""What the broker looks at before it takes an order."""

from collections.abc import Callable
from dataclasses import dataclass

from apps.simgateway.exchange.floor import Floor
from apps.simgateway.exchange.work import Work


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why an order is not taken. `inactive`: the server refused it, so it stands as Inactive."""

    code: int
    text: str
    inactive: bool = False


Check = Callable[[Floor, Work], Refusal | None]


def has_size(floor: Floor, work: Work) -> Refusal | None:
    if work.order.quantity <= 0:
        return Refusal(434, "The order size cannot be zero.")
    return None


CHECKS: tuple[Check, ...] = (has_size,)


def refusal(floor: Floor, work: Work) -> Refusal | None:
    """The first thing wrong with an order, or None."""
    for check in CHECKS:
        found = check(floor, work)
        if found is not None:
            return found
    return None
