"""Time passing on the floor: what is due, and living through one instant of it."""

from apps.simgateway.exchange.floor import Floor
from apps.simgateway.exchange.gates import settle
from apps.simgateway.exchange.instant import Instant
from apps.simgateway.exchange.matching import sweep


def next_due(floor: Floor, now: Instant) -> Instant | None:
    """The next instant after `now` at which anything can happen by itself."""
    market = floor.market
    due = [market.next_change(con_id, now) for con_id, book in floor.hot.items() if not book.is_empty]
    if floor.agenda.next_time is not None:
        due.append(floor.agenda.next_time)
    due.extend(floor.agenda.edge(hours, now) for hours in {w.hours: None for w in floor.live.values()})
    return min(due) if due else None


def live(floor: Floor, now: Instant) -> None:
    """Live through one instant."""
    floor.now = now
    for con_id, book in list(floor.hot.items()):
        if book.is_empty:
            del floor.hot[con_id]
        elif book.show(floor.market.quote(con_id, now)):
            sweep(floor, book)
    settle(floor)
