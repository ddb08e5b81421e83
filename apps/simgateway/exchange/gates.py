"""The gates an order passes on its way to the book. The first that is shut is where it waits."""

from collections.abc import Callable

from apps.simgateway.exchange import combos
from apps.simgateway.exchange import work as at
from apps.simgateway.exchange.auctions import auction_day, auction_time, is_for_auction
from apps.simgateway.exchange.closing import cancel
from apps.simgateway.exchange.days import trades_outside
from apps.simgateway.exchange.events import Warned
from apps.simgateway.exchange.floor import Floor
from apps.simgateway.exchange.matching import arrive
from apps.simgateway.exchange.order import CANCELLED, INACTIVE, PRE_SUBMITTED, SUBMITTED
from apps.simgateway.exchange.texts import closed_warning
from apps.simgateway.exchange.triggers import follow, is_touched, pull
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


def waits_for_conditions(floor: Floor, work: Work) -> bool:
    if not work.order.conditions or work.conditions_met:
        return False
    floor.conditional[work.order.perm_id] = work
    return not work.order.conditions_cancel


def waits_for_shares(floor: Floor, work: Work) -> bool:
    """A short sale of shares that nobody lends waits until they are located."""
    order, instrument = work.order, work.lead
    if order.side != "SELL" or instrument.sec_type != "STK" or order.is_combo or work.located:
        return False
    if instrument.shortable_shares >= order.remaining:
        return False
    account = floor.accounts.account(order.account)
    return account is not None and account.quantity(instrument.con_id) < order.remaining


def waits_for_auction(floor: Floor, work: Work) -> bool:
    return is_for_auction(work.order)


def market_is_shut(floor: Floor, work: Work) -> bool:
    state = floor.sessions.state(work.hours, floor.now)
    if state == "open":
        return False
    return state == "closed" or not trades_outside(work.order)


def waits_for_price(floor: Floor, work: Work) -> bool:
    order = work.order
    if order.order_type not in at.NEEDS_TRIGGER or order.triggered:
        return False
    quote = floor.market.quote(work.lead.con_id, floor.now)
    follow(floor, work, quote)
    if is_touched(work, quote):
        pull(work)
        return False
    return True


def takes_its_time(floor: Floor, work: Work) -> bool:
    if not work.order.algo:
        return False
    if work.patient_until is None:
        priority = dict(work.order.algo_params).get("adaptivePriority", "Normal")
        work.patient_until = floor.now + dict(floor.rules.patience).get(priority, 0)
    return floor.now < work.patient_until


GATES: list[tuple[str, Gate]] = [
    (at.CHILD, waits_for_parent),
    (at.LATER, waits_for_time),
    (at.CONDITION, waits_for_conditions),
    (at.LOCATE, waits_for_shares),
    (at.AUCTION, waits_for_auction),
    (at.CLOSED, market_is_shut),
    (at.TRIGGER, waits_for_price),
    (at.PATIENT, takes_its_time),
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
    if stage == at.CONDITION:
        floor.conditional[work.order.perm_id] = work
    status = SUBMITTED if _is_at_exchange(floor, work, stage) else PRE_SUBMITTED
    floor.set_status(work, status, why=why_held(work, stage))
    came = work.stage != stage
    work.stage = stage
    if came:
        _ON_WAITING.get(stage, _nothing)(floor, work)


def _is_at_exchange(floor: Floor, work: Work, stage: str) -> bool:
    if stage == at.AUCTION:
        return floor.sessions.state(work.hours, floor.now) == "open"
    return stage == at.PATIENT


def _nothing(floor: Floor, work: Work) -> None:
    """Nothing more to do at this gate."""


def _warn_closed(floor: Floor, work: Work) -> None:
    if not work.warned_closed:
        work.warned_closed = True
        floor.events.append(Warned(perm_id=work.order.perm_id, code=399, text=closed_warning(floor, work)))


def _warn_locate(floor: Floor, work: Work) -> None:
    text = "Order held while securities are located."
    floor.events.append(Warned(perm_id=work.order.perm_id, code=404, text=text))
    if floor.rules.locate_delay:
        floor.agenda.at(floor.now + floor.rules.locate_delay, work.order.perm_id)


def _await_time(floor: Floor, work: Work) -> None:
    floor.agenda.at(work.order.good_after or floor.now, work.order.perm_id)


def _await_auction(floor: Floor, work: Work) -> None:
    work.auction_day = auction_day(floor, work)
    work.expires = None
    floor.agenda.at(auction_time(floor, work, work.auction_day), work.order.perm_id)


def _await_price(floor: Floor, work: Work) -> None:
    book = floor.book(work.lead.con_id)
    book.watching[work.order.perm_id] = work
    floor.hot[work.lead.con_id] = book


def _await_patience(floor: Floor, work: Work) -> None:
    floor.agenda.at(work.patient_until or floor.now, work.order.perm_id)


_ON_WAITING: dict[str, Callable[[Floor, Work], None]] = {
    at.CLOSED: _warn_closed,
    at.LOCATE: _warn_locate,
    at.LATER: _await_time,
    at.AUCTION: _await_auction,
    at.TRIGGER: _await_price,
    at.PATIENT: _await_patience,
}


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
    if not was_live or not order.priority:
        order.priority = floor.next_priority()
    if order.is_combo:
        floor.combos[order.perm_id] = work
        combos.attempt(floor, work)
    else:
        book = floor.book(work.lead.con_id)
        book.remove(work)
        if order.order_type != "MIDPRICE":
            arrive(floor, work)
    if order.is_done or work.stage != at.LIVE:
        return
    if order.tif == "IOC":
        cancel(floor, work)
    elif order.tif == "FOK":
        floor.finish(work, INACTIVE)
    elif not order.is_combo:
        _rest(floor, work)


def _rest(floor: Floor, work: Work) -> None:
    con_id = work.lead.con_id
    book = floor.hot[con_id] = floor.book(con_id)
    if work.order.order_type == "MIDPRICE":
        book.watching[work.order.perm_id] = work
    else:
        book.add(work)


def resume(floor: Floor, work: Work) -> None:
    """Put an order back where it waited, without a trade."""
    if work.order.conditions and not work.conditions_met and work.stage not in (at.HELD, at.CHILD, at.LATER):
        floor.conditional[work.order.perm_id] = work
    if work.stage != at.LIVE:
        _ON_WAITING.get(work.stage, _nothing)(floor, work)
    elif work.order.is_combo:
        floor.combos[work.order.perm_id] = work
    else:
        _rest(floor, work)


def settle(floor: Floor) -> None:
    """Let everything that was freed go on."""
    while floor.freed:
        progress(floor, floor.freed.popleft())
