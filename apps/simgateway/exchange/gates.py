"""The gates an order passes on its way to the book. The first that is shut is where it waits."""

from collections.abc import Callable

from apps.simgateway.exchange import work as at
from apps.simgateway.exchange.closing import cancel
from apps.simgateway.exchange.events import Warned
from apps.simgateway.exchange.floor import Floor
from apps.simgateway.exchange.matching import arrive
from apps.simgateway.exchange.order import CANCELLED, INACTIVE, PRE_SUBMITTED, SUBMITTED
from apps.simgateway.exchange.texts import closed_warning
from apps.simgateway.exchange.work import Work

Gate = Callable[[Floor, Work], bool]


def waits_for_parent(floor: Floor, work: Work) -> bool:
    parent = floor.live.get(work.order.parent) if work.order.parent else None
    if parent is None:
        return False
    return not parent.order.filled or not floor.rules.children_follow_partials


def waits_for_time(floor: Floor, work: Work) -> bool:
    good_after = work.order.good_after
    return good_after is not None and floor.now < good_after


def market_is_shut(floor: Floor, work: Work) -> bool:
    state = floor.sessions.state(work.hours, floor.now)
    if state == "open":
        return False
    return state == "closed" or not work.order.outside_rth


GATES: list[tuple[str, Gate]] = [
    (at.CHILD, waits_for_parent),
    (at.LATER, waits_for_time),
    (at.CLOSED, market_is_shut),
]


def progress(floor: Floor, work: Work) -> None:
    """Move an order as far as it may go now."""
    if work.order.status == CANCELLED or work.stage == at.OVER:
        return
    for stage, is_shut in GATES:
        if is_shut(floor, work):
            wait(floor, work, stage)
            return
    enter(floor, work)


def wait(floor: Floor, work: Work, stage: str) -> None:
    """Stay at a gate, and say why."""
    floor.leave_book(work)
    floor.set_status(work, PRE_SUBMITTED, why=why_held(work, stage))
    if stage == at.CLOSED and not work.warned_closed:
        work.warned_closed = True
        floor.events.append(Warned(perm_id=work.order.perm_id, code=399, text=closed_warning(floor, work)))
    work.stage = stage


def why_held(work: Work, stage: str) -> str:
    trigger = work.order.order_type in at.NEEDS_TRIGGER and not work.order.triggered
    if stage == at.CHILD:
        return "child,trigger" if trigger else "child"
    if stage == at.LOCATE:
        return "locate"
    return "trigger" if trigger else ""


def enter(floor: Floor, work: Work) -> None:
    """Reach the book: trade at once what can be, and rest with what remains."""
    order = work.order
    floor.set_status(work, SUBMITTED)
    was_live, work.stage = work.stage == at.LIVE, at.LIVE
    if not was_live:
        order.priority = floor.next_priority()
    book = floor.book(work.lead.con_id)
    book.remove(work)
    arrive(floor, work)
    if order.is_done:
        return
    if order.tif == "IOC":
        cancel(floor, work)
    elif order.tif == "FOK":
        floor.finish(work, INACTIVE)
    else:
        book.add(work)
        floor.hot[work.lead.con_id] = book


def settle(floor: Floor) -> None:
    """Let everything that was freed go on."""
    while floor.freed:
        progress(floor, floor.freed.popleft())
