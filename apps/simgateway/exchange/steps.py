"""Time passing on the floor: what is due, and living through one instant of it."""

from apps.simgateway.exchange import combos, conditions
from apps.simgateway.exchange import work as at
from apps.simgateway.exchange.auctions import cross
from apps.simgateway.exchange.book import Book
from apps.simgateway.exchange.closing import cancel
from apps.simgateway.exchange.floor import Floor
from apps.simgateway.exchange.gates import settle
from apps.simgateway.exchange.instant import Instant
from apps.simgateway.exchange.matching import peg, sweep
from apps.simgateway.exchange.nightfall import begin_day
from apps.simgateway.exchange.triggers import watch
from apps.simgateway.exchange.work import Work

_NEVER: Instant = 1 << 62


def next_due(floor: Floor, now: Instant, *, quotes: bool = True) -> Instant | None:
    """The next instant after `now` at which anything can happen by itself, with or without new quotes."""
    earliest = floor.midnight or _NEVER
    if (at_time := floor.agenda.next_time) is not None and at_time < earliest:
        earliest = at_time
    for hours in floor.hours:
        if (edge := floor.agenda.edge(hours, now)) < earliest:
            earliest = edge
    if quotes:
        change = floor.market.next_change
        for con_id, book in floor.hot.items():
            if not book.is_empty:
                earliest = min(earliest, change(con_id, now))
        for work in (*floor.combos.values(), *floor.conditional.values()):
            earliest = min(earliest, change(work.lead.con_id, now))
    return None if earliest == _NEVER else earliest


def live(floor: Floor, now: Instant) -> None:
    """Live through one instant: the day, the times, the sessions, then the prices."""
    floor.now = now
    if floor.midnight and now >= floor.midnight:
        begin_day(floor)
    for perm_id in floor.agenda.pop_due(now):
        if (work := floor.live.get(perm_id)) is not None:
            _on_time(floor, work)
    for hours, seen in list(floor.states.items()):
        state = floor.sessions.state(hours, now)
        if state != seen:
            floor.states[hours] = state
            _on_edge(floor, hours)
    settle(floor)
    _look_at_conditions(floor)
    for con_id, book in list(floor.hot.items()):
        if book.is_empty:
            del floor.hot[con_id]
        elif book.show(floor.market.quote(con_id, now)):
            _on_quote(floor, book)
    for work in list(floor.combos.values()):
        combos.attempt(floor, work)
    settle(floor)


def _on_time(floor: Floor, work: Work) -> None:
    order = work.order
    if work.expires is not None and work.expires <= floor.now:
        cancel(floor, work)
    elif work.stage == at.AUCTION:
        cross(floor, work)
    else:
        if work.stage == at.LOCATE:
            work.located = True
        if order.perm_id in floor.live and work.stage != at.HELD:
            floor.freed.append(work)


def _on_edge(floor: Floor, hours: str) -> None:
    """A market opens or closes: orders expire, stop or go on."""
    for work in list(floor.live.values()):
        if work.hours != hours or work.order.is_done:
            continue
        if work.expires is not None and work.expires <= floor.now:
            cancel(floor, work)
        elif work.stage not in (at.HELD, at.CHILD):
            floor.freed.append(work)


def _look_at_conditions(floor: Floor) -> None:
    for work in list(floor.conditional.values()):
        if work.stage == at.OVER or not conditions.are_met(floor, work):
            continue
        floor.conditional.pop(work.order.perm_id, None)
        if work.order.conditions_cancel:
            cancel(floor, work)
        else:
            work.conditions_met = True
            floor.freed.append(work)
    settle(floor)


def _on_quote(floor: Floor, book: Book) -> None:
    quote = book.quote
    if quote is None:
        return
    for work in list(book.watching.values()):
        if work.stage == at.TRIGGER:
            watch(floor, work, quote)
        elif work.stage == at.LIVE:
            peg(floor, work, book)
    sweep(floor, book)
    settle(floor)
