"""The venue: orders go in, events come out, and time passes when it is told to."""

from typing import Any

from apps.simgateway.exchange import work as at
from apps.simgateway.exchange.accounts import Accounts
from apps.simgateway.exchange.admission import UNKNOWN_CONTRACT, admit, release_family, work_for
from apps.simgateway.exchange.auctions import is_locked_in
from apps.simgateway.exchange.changes import change
from apps.simgateway.exchange.checks import FORM, refusal
from apps.simgateway.exchange.closing import cancel
from apps.simgateway.exchange.credit import Preview
from apps.simgateway.exchange.days import next_midnight
from apps.simgateway.exchange.door import Door
from apps.simgateway.exchange.events import CancelRefused, Event, Refused
from apps.simgateway.exchange.floor import Floor
from apps.simgateway.exchange.gates import settle
from apps.simgateway.exchange.instant import Instant
from apps.simgateway.exchange.order import Order
from apps.simgateway.exchange.ports import Hours, Listing, Prices
from apps.simgateway.exchange.rules import Rules
from apps.simgateway.exchange.saving import dumped, restore
from apps.simgateway.exchange.steps import live, next_due


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
        self.door = Door(self._floor, self._pass_time)

    def submit(self, order: Order, now: Instant) -> list[Event]:
        """Hand in an order. One that is not transmitted is held without a word."""
        floor = self._floor
        self._pass_time(now)
        admit(floor, order)
        settle(floor)
        return floor.take_events()

    def modify(self, perm_id: int, changes: dict[str, Any], now: Instant) -> list[Event]:
        """Change fields of a working order."""
        floor = self._floor
        self._pass_time(now)
        work = floor.live.get(perm_id)
        if work is None:
            text = "Cannot modify a filled order."
            return [*floor.take_events(), Refused(perm_id=perm_id, code=104, text=text)]
        change(floor, work, changes)
        if work.stage == at.HELD and work.order.transmit:
            release_family(floor, work)
        settle(floor)
        return floor.take_events()

    def cancel(self, perm_id: int, now: Instant) -> list[Event]:
        """Take an order back, with its children."""
        floor = self._floor
        self._pass_time(now)
        work = floor.live.get(perm_id)
        status = work.order.status if work is not None else floor.ending(perm_id)
        if work is None or is_locked_in(floor, work):
            return [*floor.take_events(), CancelRefused(perm_id=perm_id, status=status)]
        cancel(floor, work)
        settle(floor)
        return floor.take_events()

    def cancel_all(self, now: Instant) -> list[Event]:
        """Take every order back."""
        floor = self._floor
        self._pass_time(now)
        for work in list(floor.live.values()):
            if work.order.perm_id in floor.live and not is_locked_in(floor, work):
                cancel(floor, work)
        floor.freed.clear()
        return floor.take_events()

    def advance(self, now: Instant) -> list[Event]:
        """Live through everything that happens up to and at `now`."""
        self._pass_time(now)
        live(self._floor, now)
        return self._floor.take_events()

    def catch_up(self, now: Instant) -> list[Event]:
        """Live through a time when nobody was here: edges, auctions and midnights, but not every quote."""
        floor = self._floor
        while (due := next_due(floor, floor.now, quotes=False)) is not None and due <= now:
            live(floor, due)
        floor.now = max(now, floor.now)
        return floor.take_events()

    def next_due(self, now: Instant) -> Instant | None:
        """When something can happen next without anybody asking: the midnight at least."""
        self._know_midnight(now)
        return next_due(self._floor, now)

    def preview(self, order: Order, now: Instant) -> Preview | Refused:
        """What an order would do to its account, or why it would not be taken. Nothing of it stays."""
        floor = self._floor
        floor.now = max(now, floor.now)
        work = work_for(floor, order)
        if work is None:
            return Refused(perm_id=order.perm_id, code=200, text=UNKNOWN_CONTRACT)
        found = refusal(floor, work, FORM)
        if found is not None:
            return Refused(perm_id=order.perm_id, code=found.code, text=found.text)
        return floor.credit.preview(work, now)

    def dump(self) -> dict[str, Any]:
        """Everything that outlives a restart, as plain JSON values."""
        return dumped(self._floor)

    def load(self, state: dict[str, Any]) -> None:
        """Take up what `dump` gave, before anything else is asked."""
        restore(self._floor, state)

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
        self._know_midnight(now)
        while (due := next_due(floor, floor.now)) is not None and due <= now:
            live(floor, due)
        floor.now = max(now, floor.now)

    def _know_midnight(self, now: Instant) -> None:
        floor = self._floor
        if not floor.midnight:
            floor.midnight = next_midnight(floor.rules.midnight_zone, now)
            floor.now = now
