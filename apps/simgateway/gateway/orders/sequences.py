"""From what happened at the exchange to what clients are told, in the order real gateways tell it."""

from collections.abc import Callable, Sequence
from typing import Any

from apps.simgateway.exchange.events import (
    Accepted,
    CancelRefused,
    Commission,
    Event,
    Execution,
    Modified,
    Refused,
    StatusChanged,
    Warned,
)
from apps.simgateway.exchange.instant import SECOND
from apps.simgateway.exchange.order import CANCELLED, FILLED, INACTIVE, PRE_SUBMITTED, SUBMITTED, ZERO
from apps.simgateway.gateway.hub import Hub
from apps.simgateway.gateway.orders import endings
from apps.simgateway.gateway.orders.cause import BY_ITSELF, Cause
from apps.simgateway.gateway.orders.executions import say_commission, say_execution, tell_foreign
from apps.simgateway.gateway.orders.messages import say_error, say_pair
from apps.simgateway.gateway.orders.tickets import Ticket

AUCTION_TYPES = frozenset({"MOC", "LOC"})
NOW_OR_NEVER = frozenset({"IOC", "FOK"})
ENDED_UNFILLED = frozenset({CANCELLED, INACTIVE})


class Telling:
    """One batch of events on its way to clients."""

    def __init__(self, gateway: Hub, events: Sequence[Event], cause: Cause) -> None:
        self.gateway = gateway
        self.cause = cause
        self.prints: dict[int, list[Execution]] = {}  # permId → its prints in this batch
        self.ended: set[int] = set()  # permIds that end unfilled in this batch
        self.fresh: dict[int, Ticket] = {}  # taken, and not told yet
        self.repeating: dict[int, Ticket] = {}  # told, and quiet since: they are told again at the end
        self.owed: Ticket | None = None  # its print was told, its status was not
        self.by_execution: dict[str, tuple[Ticket, Execution]] = {}
        for event in events:
            if isinstance(event, Execution):
                self.prints.setdefault(event.perm_id, []).append(event)
            elif isinstance(event, StatusChanged) and event.status in ENDED_UNFILLED:
                self.ended.add(event.perm_id)

    def ticket(self, perm_id: int) -> Ticket | None:
        return self.gateway.orders.tickets.get(perm_id)

    def settle(self) -> None:
        """Tell the status that follows the last prints."""
        ticket, self.owed = self.owed, None
        if ticket is not None:
            say_pair(self.gateway, ticket)

    def acknowledge(self, ticket: Ticket) -> None:
        """The first that is heard of an order."""
        gateway, order = self.gateway, ticket.order
        self.fresh.pop(ticket.perm_id, None)
        prints = self.prints.get(ticket.perm_id, [])
        if order.tif in NOW_OR_NEVER and ticket.perm_id in self.ended and not prints:
            return
        if order.order_type in AUCTION_TYPES and gateway.switches.silent_auction_orders:
            _fall_silent(gateway, ticket)
            return
        at_once = len(prints) == 1 and prints[0].order_filled >= ticket.quantity
        if at_once and order.order_type == "MKT" and order.action == "BUY":
            say_pair(gateway, ticket, PRE_SUBMITTED)
        elif gateway.switches.pre_submitted_first and ticket.status == SUBMITTED:
            say_pair(gateway, ticket, PRE_SUBMITTED)
            say_pair(gateway, ticket)
        else:
            say_pair(gateway, ticket)
        self.repeating[ticket.perm_id] = ticket

    def close(self) -> None:
        """What is still owed, and the repetitions."""
        self.settle()
        for ticket in list(self.fresh.values()):
            self.acknowledge(ticket)
        for _ in range(self.gateway.switches.repeat_statuses):
            for ticket in self.repeating.values():
                if not ticket.is_done and ticket.perm_id not in self.prints:
                    say_pair(self.gateway, ticket)


def tell(gateway: Hub, events: Sequence[Event], cause: Cause = BY_ITSELF) -> None:
    """Tell a batch to the clients concerned."""
    telling = Telling(gateway, events, cause)
    for event in events:
        rule = _RULES.get(type(event))
        if rule is not None:
            rule(telling, event)
    telling.close()


def _fall_silent(gateway: Hub, ticket: Ticket) -> None:
    ticket.silent = True
    seconds = gateway.switches.silent_seconds
    if seconds > 0:
        gateway.timers.at(gateway.now + int(seconds * SECOND), lambda: _break_silence(gateway, ticket))


def _break_silence(gateway: Hub, ticket: Ticket) -> None:
    if ticket.silent and not ticket.is_done:
        ticket.silent = False
        say_pair(gateway, ticket)


def _accepted(telling: Telling, event: Accepted) -> None:
    ticket = telling.ticket(event.perm_id)
    if ticket is not None:
        ticket.transmitted = True
        telling.fresh[event.perm_id] = ticket


def _status_changed(telling: Telling, event: StatusChanged) -> None:
    ticket = telling.ticket(event.perm_id)
    if ticket is None or (ticket.status == event.status and ticket.is_done):
        return
    if event.status == FILLED:
        _filled(telling, ticket)
        return
    telling.settle()
    if event.status == CANCELLED:
        telling.fresh.pop(ticket.perm_id, None)
        endings.tell_cancelled(telling.gateway, ticket, event, cause=telling.cause)
    elif event.status == INACTIVE:
        telling.fresh.pop(ticket.perm_id, None)
        endings.tell_inactive(telling.gateway, ticket)
    else:
        _moved(telling, ticket, event)


def _moved(telling: Telling, ticket: Ticket, event: StatusChanged) -> None:
    """Still working, or waiting for something else."""
    ticket.status, ticket.why_held = event.status, event.why_held
    if ticket.perm_id in telling.fresh:
        telling.acknowledge(ticket)
    elif ticket.transmitted and not ticket.silent:
        say_pair(telling.gateway, ticket)
        telling.repeating[ticket.perm_id] = ticket


def _filled(telling: Telling, ticket: Ticket) -> None:
    if telling.owed is not ticket:
        telling.settle()
        telling.owed = ticket
    ticket.status, ticket.why_held = FILLED, ""
    ticket.ended = telling.gateway.now
    telling.settle()
    telling.gateway.orders.finish(ticket)


def _executed(telling: Telling, event: Execution) -> None:
    gateway, ticket = telling.gateway, telling.ticket(event.perm_id)
    if telling.owed is not ticket:
        telling.settle()
    gateway.note("execution", exec_id=event.exec_id, perm_id=event.perm_id, shares=str(event.shares))
    if ticket is None:
        tell_foreign(gateway, event)
        return
    if ticket.perm_id in telling.fresh:
        telling.acknowledge(ticket)
    telling.repeating.pop(ticket.perm_id, None)
    telling.by_execution[event.exec_id] = (ticket, event)
    ticket.silent = False
    ticket.filled = event.order_filled
    if event.con_id == 0 or not ticket.contract.combo_legs:
        ticket.average, ticket.last_price = event.average_price, event.price
    say_execution(gateway, ticket, event)
    if not event.corrects:
        telling.owed = ticket
    if event.con_id == 0 and gateway.switches.combo_commission:
        currency = ticket.contract.currency
        report = Commission(exec_id=event.exec_id, amount=ZERO, currency=currency)
        gateway.timers.at(gateway.now, lambda: say_commission(gateway, ticket, report, repeat=False))


def _reported(telling: Telling, event: Commission) -> None:
    """What a print cost; the order is told once more with it."""
    gateway = telling.gateway
    telling.settle()
    ticket, execution = telling.by_execution.get(event.exec_id, (None, None))
    if ticket is None or execution is None:
        return
    repeat = not execution.corrects
    delay = gateway.switches.commission_delay_ms * 1_000
    gateway.later(delay, lambda: say_commission(gateway, ticket, event, repeat=repeat))


def _refused(telling: Telling, event: Refused) -> None:
    ticket = telling.ticket(event.perm_id)
    if ticket is None:
        return
    gateway = telling.gateway
    telling.settle()
    say_error(gateway, ticket, event.code, text=event.text)
    gateway.note("refused_order", perm_id=event.perm_id, code=event.code)
    if event.inactive:
        ticket.transmitted = True
        telling.fresh.pop(ticket.perm_id, None)
        endings.tell_inactive(gateway, ticket)
    elif telling.cause.kind != "modify" and not ticket.transmitted:
        gateway.orders.drop(ticket)


def _warned(telling: Telling, event: Warned) -> None:
    ticket = telling.ticket(event.perm_id)
    if ticket is not None:
        telling.settle()
        say_error(telling.gateway, ticket, event.code, text=event.text)


def _modified(telling: Telling, event: Modified) -> None:
    """A change was taken: the client's own, or one of size that came from the order's family."""
    ticket = telling.ticket(event.perm_id)
    order = telling.gateway.venue.order(event.perm_id)
    if ticket is None or order is None:
        return
    telling.settle()
    if order.quantity != ticket.quantity:
        ticket.resize(order.quantity)
    if ticket.transmitted and not ticket.silent and ticket.perm_id not in telling.fresh:
        say_pair(telling.gateway, ticket)
        telling.repeating[ticket.perm_id] = ticket


def _cancel_refused(telling: Telling, event: CancelRefused) -> None:
    ticket, asker = telling.cause.subject, telling.cause.asker
    if ticket is not None and asker is not None:
        endings.refuse_cancel(
            telling.gateway, asker, order_id=ticket.order_id, status=event.status, perm_id=ticket.perm_id
        )


_RULES: dict[type, Callable[[Telling, Any], None]] = {
    Accepted: _accepted,
    StatusChanged: _status_changed,
    Execution: _executed,
    Commission: _reported,
    Refused: _refused,
    Warned: _warned,
    Modified: _modified,
    CancelRefused: _cancel_refused,
}
