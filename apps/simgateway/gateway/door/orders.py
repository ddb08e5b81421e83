"""Turns at the control door that make orders fill, fail or change, and the gateway itself restart."""

from collections.abc import Callable
from decimal import Decimal
from fnmatch import fnmatchcase
from typing import Any, get_type_hints

from apps.simgateway.exchange.events import Event, Execution
from apps.simgateway.gateway.core import ControlRefused
from apps.simgateway.gateway.door.market import found_instrument, number
from apps.simgateway.gateway.hub import Hub
from apps.simgateway.gateway.keeping import forget_untransmitted
from apps.simgateway.gateway.orders.tickets import Ticket, plain_row
from apps.simgateway.gateway.switches import AT_START, Switches

Args = dict[str, Any]


def found_ticket(gateway: Hub, args: Args) -> Ticket:
    """An order by permId, by orderRef (or a pattern of it), or by client and order id."""
    reference = str(args.get("ref", "") or args.get("perm", ""))
    ticket = _named(gateway, reference) if reference else None
    if ticket is None and "id" in args:
        found = gateway.orders.find(int(args.get("client", 1)), int(args["id"]))
        ticket = found if isinstance(found, Ticket) else None
    if ticket is None:
        known = ", ".join(t.reference or str(t.perm_id) for t in gateway.orders.working()) or "none"
        raise ControlRefused(f"no order {reference or args}; working are: {known}")
    return ticket


def _named(gateway: Hub, reference: str) -> Ticket | None:
    """By permId or by a pattern of its orderRef; a working one before one that is done."""
    found = None
    for ticket in gateway.orders.tickets.values():
        if reference == str(ticket.perm_id) or fnmatchcase(ticket.reference, reference):
            if not ticket.is_done:
                return ticket
            found = ticket
    return found


def fill(gateway: Hub, args: Args) -> Args:
    """`fill T-1 shares=10 price=99.5`: a print at a price of one's own; without shares all that is open."""
    ticket = found_ticket(gateway, args)
    order = gateway.venue.order(ticket.perm_id)
    if order is None:
        raise ControlRefused(f"order {ticket.perm_id} is not at the exchange")
    shares = number(args, "shares") or order.remaining
    price = number(args, "price") or order.limit or _market_price(gateway, ticket)
    events = gateway.venue.door.fill(ticket.perm_id, shares, price, now=gateway.now)
    return _told(gateway, events)


def _market_price(gateway: Hub, ticket: Ticket) -> Decimal:
    quote = gateway.market.quote(ticket.contract.con_id, gateway.now)
    if quote.reference is None:
        raise ControlRefused("there is no price to fill at; add price=")
    reference: Decimal = quote.reference
    return reference


def reject(gateway: Hub, args: Args) -> Args:
    """`reject T-1 code=201 text="..."`: the server refuses a working order after all."""
    ticket = found_ticket(gateway, args)
    code, text = int(args.get("code", 201)), str(args.get("text", "Order rejected - reason:by the server"))
    return _told(gateway, gateway.venue.door.reject(ticket.perm_id, code, text, now=gateway.now))


def discard(gateway: Hub, args: Args) -> Args:
    """`discard T-1`: thrown away before any exchange saw it."""
    ticket = found_ticket(gateway, args)
    return _told(gateway, gateway.venue.door.discard(ticket.perm_id, now=gateway.now))


def locate(gateway: Hub, args: Args) -> Args:
    """`locate T-1`: shares for a held short sale were found."""
    ticket = found_ticket(gateway, args)
    return _told(gateway, gateway.venue.door.locate(ticket.perm_id, now=gateway.now))


def notice(gateway: Hub, args: Args) -> Args:
    """`notice T-1 code=399 text="..."`: an error or notice is said of an order, and nothing happens to it."""
    ticket = found_ticket(gateway, args)
    session = gateway.session_of(ticket.client_id)
    if session is None:
        raise ControlRefused(f"client {ticket.client_id} is not connected")
    code, text = int(args.get("code", 399)), str(args.get("text", "Order Message: said by the simulator."))
    gateway.error(session, ticket.order_id, code, text, ref=ticket.reference)
    return {"code": code, "order_id": ticket.order_id}


def found_execution(gateway: Hub, args: Args) -> Execution:
    """The print named by `exec`, or the last one of an order."""
    wanted = str(args.get("exec", ""))
    perm_id = 0 if wanted else found_ticket(gateway, args).perm_id
    found: Execution | None = None
    for execution in gateway.accounts.executions():
        if execution.exec_id == wanted or (not wanted and execution.perm_id == perm_id):
            found = execution
    if found is None:
        raise ControlRefused(f"there is no execution {wanted or 'of that order'} today")
    return found


def correct(gateway: Hub, args: Args) -> Args:
    """`correct T-1 price=99.4`: the last print of an order is told again with another price or size."""
    old = found_execution(gateway, args)
    price, shares = number(args, "price"), number(args, "shares")
    events = gateway.venue.door.correct(old.exec_id, price=price, shares=shares, now=gateway.now)
    return _told(gateway, events)


def bust(gateway: Hub, args: Args) -> Args:
    """`bust T-1`: the last print of an order is taken back."""
    old = found_execution(gateway, args)
    return _told(gateway, gateway.venue.door.bust(old.exec_id, now=gateway.now))


def foreign(gateway: Hub, args: Args) -> Args:
    """`foreign AAPL side=BUY shares=10 price=100`: a print of an order no client knows."""
    instrument = found_instrument(gateway, {k: v for k, v in args.items() if k not in _OWN_WORDS})
    price = number(args, "price") or gateway.market.quote(instrument.con_id, gateway.now).reference
    if price is None:
        raise ControlRefused(f"{instrument.symbol} has no price; add price=")
    events = gateway.venue.door.foreign_execution(
        _account(gateway, args),
        instrument.con_id,
        side=str(args.get("side", "BUY")).upper(),
        shares=number(args, "shares") or Decimal(1),
        price=price,
        now=gateway.now,
    )
    return _told(gateway, events)


def liquidate(gateway: Hub, args: Args) -> Args:
    """`liquidate AAPL`: the broker closes the position at the market."""
    instrument = found_instrument(gateway, {k: v for k, v in args.items() if k not in _OWN_WORDS})
    account = _account(gateway, args)
    return _told(gateway, gateway.venue.door.liquidate(account, instrument.con_id, now=gateway.now))


_OWN_WORDS = frozenset({"account", "side", "shares", "price"})


def _account(gateway: Hub, args: Args) -> str:
    return str(args.get("account", "")) or gateway.accounts.names[0]


def _told(gateway: Hub, events: list[Event]) -> Args:
    gateway.on_events(events)
    prints = [event.exec_id for event in events if isinstance(event, Execution)]
    return {"events": len(events), "executions": " ".join(prints)}


def restart(gateway: Hub, args: Args) -> Args:
    """`restart roll_back=3`: every socket closes, untransmitted orders are gone, ids may go back."""
    back = int(args.get("roll_back", 0))
    for session in list(gateway.sessions.values()):
        gateway.hang_up(session)
    forget_untransmitted(gateway)
    gateway.link_up = True
    gateway.deferred.clear()
    if back:
        for client, used in gateway.orders.high_water.items():
            gateway.orders.announced[client] = max(1, used + 1 - back)
    return {"rolled_back": back}


def turn_switch(gateway: Hub, args: Args) -> Args:
    """`switch repeat_statuses 0`; without a value the switch is only told."""
    name, value = str(args.get("name", "")), args.get("value")
    kinds = get_type_hints(Switches)
    if name not in kinds:
        raise ControlRefused(f"no switch '{name}'; there are: {', '.join(sorted(kinds))}")
    if value is not None:
        if name in AT_START:
            remedy = f"end the gateway and start it with --switch {name}={value}"
            raise ControlRefused(f"switch {name} is read at the start only: {remedy}")
        turned = {name: _typed(name, str(value), kinds[name])}
        try:
            gateway.switches = gateway.switches.with_changes(turned)
        except ValueError as wrong:
            raise ControlRefused(str(wrong)) from None
        gateway.venue.door.follow_rules(**gateway.switches.rules)
    return {name: getattr(gateway.switches, name)}


def _typed(name: str, text: str, kind: type) -> Any:
    if kind is bool:
        if text.lower() not in ("yes", "no", "on", "off", "true", "false", "1", "0"):
            raise ControlRefused(f"switch {name} is yes or no, not {text}")
        return text.lower() in ("yes", "on", "true", "1")
    try:
        return kind(text)
    except ValueError:
        raise ControlRefused(f"switch {name} takes a number, not {text}") from None


def tickets(gateway: Hub, args: Args) -> Args:
    """Every order of today as its client knows it."""
    return {"tickets": [plain_row(ticket) for ticket in gateway.orders.tickets.values()]}


CONTROLS: dict[str, Callable[[Hub, Args], Args]] = {
    "fill": fill,
    "reject": reject,
    "discard": discard,
    "locate": locate,
    "notice": notice,
    "correct": correct,
    "bust": bust,
    "foreign": foreign,
    "liquidate": liquidate,
    "restart": restart,
    "switch": turn_switch,
    "tickets": tickets,
}
