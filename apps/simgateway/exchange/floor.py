"""The trading floor: everything the steps of an order's life share."""

from collections import deque
from collections.abc import Iterator
from decimal import Decimal

from apps.simgateway.exchange.accounts import Accounts
from apps.simgateway.exchange.agenda import Agenda
from apps.simgateway.exchange.book import Book
from apps.simgateway.exchange.credit import Credit
from apps.simgateway.exchange.events import Event, StatusChanged
from apps.simgateway.exchange.instant import Instant
from apps.simgateway.exchange.instrument import Instrument
from apps.simgateway.exchange.order import DONE, Order
from apps.simgateway.exchange.ports import Hours, Listing, Prices
from apps.simgateway.exchange.rules import Rules
from apps.simgateway.exchange.work import OVER, Work


class Floor:
    """Orders, books and accounts, with the instant that is being lived and the events it has made."""

    def __init__(self, catalogue: Listing, market: Prices, sessions: Hours, accounts: Accounts) -> None:
        self.catalogue = catalogue
        self.market = market
        self.sessions = sessions
        self.accounts = accounts
        self.rules = Rules()
        self.now: Instant = 0
        self.events: list[Event] = []
        self.live: dict[int, Work] = {}  # every order that is not done
        self.done: dict[int, Order] = {}  # the latest finished ones, whole
        self.endings: dict[int, str] = {}  # the older ones: their last status
        self.books: dict[int, Book] = {}
        self.hours: dict[str, int] = {}  # hours key → live orders that depend on it
        self.states: dict[str, str] = {}  # hours key → the state it was seen in
        self.midnight: Instant = 0
        self.credit = Credit(accounts)
        self.hot: dict[int, Book] = {}  # books that a new quote can touch
        self.combos: dict[int, Work] = {}  # live combos, by permId
        self.conditional: dict[int, Work] = {}  # orders whose conditions are watched
        self.groups: dict[tuple[str, str], dict[int, Work]] = {}  # account and OCA group → its orders
        self.freed: deque[Work] = deque()  # orders that may go a step further
        self.agenda = Agenda(sessions)
        self.serial = 0  # of prints
        self.arrivals = 0  # of orders, for their place in the queue

    def take_events(self) -> list[Event]:
        events, self.events = self.events, []
        return events

    def instrument(self, con_id: int) -> Instrument | None:
        return self.catalogue.by_con_id(con_id)

    def book(self, con_id: int) -> Book:
        """The book of an instrument with the quote of this instant."""
        book = self.books.get(con_id)
        if book is None:
            book = self.books[con_id] = Book()
        book.show(self.market.quote(con_id, self.now))
        return book

    def tick(self, instrument: Instrument, price: Decimal, exchange: str = "") -> Decimal:
        """The step that prices move by."""
        return self.catalogue.rule_for(instrument, exchange).increment(price)

    def add_live(self, work: Work) -> None:
        self.live[work.order.perm_id] = work
        if work.hours not in self.states:
            self.states[work.hours] = self.sessions.state(work.hours, self.now)
        self.hours[work.hours] = self.hours.get(work.hours, 0) + 1

    def next_priority(self) -> int:
        self.arrivals += 1
        return self.arrivals

    def set_status(
        self, work: Work, status: str, *, why: str = "", reason: str = "", code: int = 202
    ) -> None:
        """Change where an order is, and tell it, unless it is there already."""
        order = work.order
        if order.status == status and order.why_held == why and work.stage:
            return
        order.status, order.why_held = status, why
        self.events.append(
            StatusChanged(perm_id=order.perm_id, status=status, why_held=why, reason=reason, code=code)
        )

    def leave_book(self, work: Work) -> None:
        """Take an order out of wherever it waits."""
        perm_id = work.order.perm_id
        self.combos.pop(perm_id, None)
        self.conditional.pop(perm_id, None)
        if work.instrument is not None and (book := self.books.get(work.instrument.con_id)) is not None:
            book.remove(work)

    def finish(self, work: Work, status: str, *, reason: str = "", code: int = 202) -> None:
        """An order is done: it leaves every list it was on."""
        order = work.order
        self.leave_book(work)
        self.set_status(work, status, reason=reason, code=code)
        work.stage = OVER
        if self.live.pop(order.perm_id, None) is not None:
            self._forget_hours(work.hours)
            self.agenda.forget_all_but(self.live)
        self._leave_group(work)
        self._keep_done(order)

    def _forget_hours(self, hours: str) -> None:
        self.hours[hours] -= 1
        if not self.hours[hours]:
            del self.hours[hours]
            del self.states[hours]

    def _keep_done(self, order: Order) -> None:
        self.done[order.perm_id] = order
        while len(self.done) > self.rules.done_kept:
            oldest = next(iter(self.done))
            old = self.done.pop(oldest)
            self.endings[oldest] = old.status
        while len(self.endings) > self.rules.endings_kept:
            del self.endings[next(iter(self.endings))]

    def ending(self, perm_id: int) -> str:
        """The last status of a finished order, or nothing when it was never here."""
        order = self.done.get(perm_id)
        if order is not None:
            return order.status
        return self.endings.get(perm_id, "")

    def _leave_group(self, work: Work) -> None:
        key = (work.order.account, work.order.oca_group)
        group = self.groups.get(key)
        if group is not None:
            group.pop(work.order.perm_id, None)
            if not group:
                del self.groups[key]

    def join_group(self, work: Work) -> None:
        if work.order.oca_group:
            key = (work.order.account, work.order.oca_group)
            self.groups.setdefault(key, {})[work.order.perm_id] = work

    def peers(self, work: Work) -> Iterator[Work]:
        """The other orders of its OCA group."""
        group = self.groups.get((work.order.account, work.order.oca_group), {})
        return (peer for peer in list(group.values()) if peer is not work and peer.order.status not in DONE)
