"""The venue: orders go in, events come out, and time passes when it is told to."""

from typing import Any

from apps.simgateway.exchange import work as at
from apps.simgateway.exchange.accounts import Accounts
from apps.simgateway.exchange.checks import refusal
from apps.simgateway.exchange.closing import cancel
from apps.simgateway.exchange.events import Accepted, CancelRefused, Event, Modified, Refused
from apps.simgateway.exchange.floor import Floor
from apps.simgateway.exchange.gates import progress, settle
from apps.simgateway.exchange.instant import Instant
from apps.simgateway.exchange.order import FILLED, INACTIVE, Order
from apps.simgateway.exchange.ports import Hours, Listing, Prices
from apps.simgateway.exchange.rules import Rules
from apps.simgateway.exchange.steps import live, next_due
from apps.simgateway.exchange.work import Work

UNKNOWN_CONTRACT = "No security definition has been found for the request"


class Venue:
    """All exchanges behind one gateway."""

    def __init__(
        self,
        catalogue: Listing,
        market: Prices,
        sessions: Hours,
        accounts: Accounts,
        rules: Rules | None = None,
    ) -> None:
        self._floor = Floor(catalogue, market, sessions, accounts)
        if rules is not None:
            self._floor.rules = rules

    def submit(self, order: Order, now: Instant) -> list[Event]:
        """Hand in an order. One that is not transmitted is held without a word."""
        floor = self._floor
        self._pass_time(now)
        work = self._work_for(order)
        if work is None:
            return [*floor.take_events(), Refused(perm_id=order.perm_id, code=200, text=UNKNOWN_CONTRACT)]
        order.accepted_at = now
        found = refusal(floor, work)
        if found is not None:
            floor.events.append(
                Refused(perm_id=order.perm_id, code=found.code, text=found.text, inactive=found.inactive)
            )
            if found.inactive:
                floor.finish(work, INACTIVE)
            return floor.take_events()
        floor.live[order.perm_id] = work
        self._join_family(work)
        if not order.transmit:
            work.stage = at.HELD
        else:
            self._release_family(work)
        settle(floor)
        return floor.take_events()

    def modify(self, perm_id: int, changes: dict[str, Any], now: Instant) -> list[Event]:
        """Change fields of a working order."""
        floor = self._floor
        self._pass_time(now)
        work = floor.live.get(perm_id)
        if work is None:
            refused = Refused(perm_id=perm_id, code=104, text="Cannot modify a filled order.")
            return [*floor.take_events(), refused]
        for name, value in changes.items():
            setattr(work.order, name, value)
        floor.events.append(Modified(perm_id=perm_id))
        if work.order.quantity <= work.order.filled:
            floor.finish(work, FILLED)
        elif work.stage == at.HELD:
            if work.order.transmit:
                self._release_family(work)
        else:
            floor.leave_book(work)
            work.stage = at.CLOSED if work.stage == at.LIVE else work.stage
            progress(floor, work)
        settle(floor)
        return floor.take_events()

    def cancel(self, perm_id: int, now: Instant) -> list[Event]:
        """Take an order back, with its children."""
        floor = self._floor
        self._pass_time(now)
        work = floor.live.get(perm_id)
        if work is None:
            refused = CancelRefused(perm_id=perm_id, status=floor.ending(perm_id))
            return [*floor.take_events(), refused]
        cancel(floor, work)
        settle(floor)
        return floor.take_events()

    def cancel_all(self, now: Instant) -> list[Event]:
        """Take every order back."""
        floor = self._floor
        self._pass_time(now)
        for work in list(floor.live.values()):
            if work.order.perm_id in floor.live:
                cancel(floor, work)
        floor.freed.clear()
        return floor.take_events()

    def advance(self, now: Instant) -> list[Event]:
        """Live through everything that happens up to and at `now`."""
        self._pass_time(now)
        live(self._floor, now)
        return self._floor.take_events()

    def next_due(self, now: Instant) -> Instant | None:
        """When something can happen next without anybody asking."""
        return next_due(self._floor, now)

    def order(self, perm_id: int) -> Order | None:
        """An order that works, or one of those that finished lately."""
        work = self._floor.live.get(perm_id)
        return work.order if work is not None else self._floor.done.get(perm_id)

    def working(self, account: str | None = None) -> list[Order]:
        """Orders that are not done, in the order of their coming."""
        works = self._floor.live.values()
        return [w.order for w in works if w.stage != at.HELD and account in (None, w.order.account)]

    def _pass_time(self, now: Instant) -> None:
        floor = self._floor
        while (due := next_due(floor, floor.now)) is not None and due < now:
            live(floor, due)
        floor.now = max(now, floor.now)

    def _work_for(self, order: Order) -> Work | None:
        floor = self._floor
        if not order.legs:
            instrument = floor.instrument(order.con_id)
            return None if instrument is None else Work(order=order, instrument=instrument)
        legs = [floor.instrument(leg.con_id) for leg in order.legs]
        known = tuple(leg for leg in legs if leg is not None)
        return Work(order=order, instrument=None, legs=known) if len(known) == len(legs) else None

    def _join_family(self, work: Work) -> None:
        parent = self._floor.live.get(work.order.parent) if work.order.parent else None
        if parent is not None:
            parent.children.append(work.order.perm_id)
        self._floor.join_group(work)

    def _release_family(self, work: Work) -> None:
        """Bring a transmitted order to life, with those of its family that were held for it."""
        floor = self._floor
        parent = floor.live.get(work.order.parent) if work.order.parent else None
        family = [work]
        if parent is not None:
            siblings = [floor.live[p] for p in parent.children if p in floor.live]
            family = [parent, *siblings]
        for member in family:
            if member is work or member.stage == at.HELD:
                member.stage = ""
                floor.events.append(Accepted(perm_id=member.order.perm_id))
        for member in family:
            if member.stage == "":
                progress(floor, member)
