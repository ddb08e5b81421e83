"""Every order this gateway knows, and the numbers it gives out."""

from collections.abc import Iterator
from hashlib import blake2b

from apps.simgateway.exchange.archive import Archive
from apps.simgateway.gateway.orders.ticketrows import client_key, keys_of, past_of, row_of, ticket_of
from apps.simgateway.gateway.orders.tickets import Past, Shapes, Ticket

KEPT_WHOLE = 500  # finished orders of today; older ones are packed


class OrderIds:
    """The numbers a gateway gives out: order ids are one client's, permIds are for ever."""

    def __init__(self, seed: int) -> None:
        digest = blake2b(f"permId {seed}".encode(), digest_size=4).digest()
        self.next_perm_id = 1_000_000_000 + int.from_bytes(digest, "big") % 900_000_000
        self.high_water: dict[int, int] = {}  # client → the highest order id it has used
        self.announced: dict[int, int] = {}  # client → a lower next id, after a restart that rolled back

    def allot_perm_id(self) -> int:
        self.next_perm_id += 1
        return self.next_perm_id

    def next_valid_id(self, client_id: int) -> int:
        lowered = self.announced.get(client_id)
        return lowered if lowered is not None else self.high_water.get(client_id, 0) + 1

    def use_id(self, client_id: int, order_id: int) -> None:
        if order_id > self.high_water.get(client_id, 0):
            self.high_water[client_id] = order_id
            self.announced.pop(client_id, None)

    def is_used(self, client_id: int, order_id: int) -> bool:
        return order_id <= self.high_water.get(client_id, 0)


class OrderBook(OrderIds):
    """What works, what is done, and by which number each is known."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self.tickets: dict[int, Ticket] = {}  # permId → all that work and the latest that are done
        self.done: dict[int, Ticket] = {}
        self.past = Archive()  # what was done before those
        self.shapes = Shapes()
        self.bound = 0  # how many orders made by hand have been bound
        self.foreign: dict[str, int] = {}  # execution id of an order made elsewhere → its permId
        self._by_id: dict[tuple[int, int], int] = {}  # client and order id → permId
        self._elder: dict[tuple[int, int], int] = {}  # ... of an order that shares it with a later one

    def add(self, ticket: Ticket) -> None:
        self.tickets[ticket.perm_id] = ticket
        ticket.shapes = self.shapes
        if ticket.order_id:
            key = (ticket.client_id, ticket.order_id)
            if key in self._by_id:
                self._elder[key] = self._by_id[key]
            self._by_id[key] = ticket.perm_id

    def drop(self, ticket: Ticket) -> None:
        """An order that was never taken; its id stays used."""
        self.tickets.pop(ticket.perm_id, None)
        key = (ticket.client_id, ticket.order_id)
        if self._by_id.get(key) == ticket.perm_id:
            del self._by_id[key]

    def rename(self, ticket: Ticket, client_id: int, order_id: int) -> None:
        """Another client's number for the same order: how orders made by hand are bound."""
        self._by_id.pop((ticket.client_id, ticket.order_id), None)
        ticket.client_id, ticket.order_id = client_id, order_id
        ticket.order.client_id, ticket.order.order_id = client_id, order_id
        ticket.forget_prepared()
        self._by_id[client_id, order_id] = ticket.perm_id

    def find(self, client_id: int, order_id: int) -> Ticket | Past | None:
        """The order of that number, or what is left of it."""
        perm_id = self._by_id.get((client_id, order_id))
        if perm_id is not None:
            return self.tickets.get(perm_id)
        if not self.is_used(client_id, order_id):
            return None
        row = self.past.find(client_key(client_id), order_id)
        return past_of(row) if row is not None else None

    def card(self, perm_id: int) -> Ticket | Past | None:
        """The order a print belongs to, or what is left of it."""
        ticket = self.tickets.get(perm_id)
        if ticket is not None or not perm_id:
            return ticket
        row = self.past.find("perm", perm_id)
        return past_of(row) if row is not None else None

    def finished(self) -> Iterator[Ticket]:
        """Every order that was done today, oldest first."""
        for row in self.past:
            yield ticket_of(row)
        yield from list(self.done.values())

    def of_other_clients(self, client_id: int, order_id: int) -> Ticket | None:
        """A working order of somebody else with that number."""
        for ticket in self.working():
            if ticket.order_id == order_id and ticket.client_id != client_id:
                return ticket
        return None

    def working(self, client_id: int | None = None) -> Iterator[Ticket]:
        """Transmitted orders that are not done, oldest first."""
        for ticket in list(self.tickets.values()):
            if ticket.transmitted and not ticket.is_done and client_id in (None, ticket.client_id):
                yield ticket

    def finish(self, ticket: Ticket) -> None:
        """Keep a finished order for who asks for completed ones."""
        self.done[ticket.perm_id] = ticket
        key = (ticket.client_id, ticket.order_id)
        if self._by_id.get(key) == ticket.perm_id and (elder := self._elder.pop(key, None)) in self.tickets:
            self._by_id[key] = elder  # the one that still works answers to the number
        while len(self.done) > KEPT_WHOLE:
            perm_id = next(iter(self.done))
            oldest = self.done.pop(perm_id)
            self.drop(oldest)
            self.past.add(row_of(oldest), keys_of(oldest))

    def begin_day(self) -> None:
        """Midnight: what is done is forgotten."""
        for perm_id in self.done:
            self.tickets.pop(perm_id, None)
        self.done.clear()
        self.past.clear()
        self.foreign.clear()
        live = self.tickets
        self._by_id = {key: perm_id for key, perm_id in self._by_id.items() if perm_id in live}
