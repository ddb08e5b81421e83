"""Turns at the control door that move orders, executions and positions behind the clients' backs."""

from collections.abc import Callable
from decimal import Decimal
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from apps.simgateway.exchange.events import Event, Execution
from apps.simgateway.gateway.core import ControlRefused
from apps.simgateway.gateway.door_market import found_instrument, number

if TYPE_CHECKING:
    from apps.simgateway.gateway.gateway import Gateway

Args = dict[str, Any]
_REFUSAL = "Order rejected - reason:Rejected by the simulator."


def found_order(gateway: "Gateway", args: Args) -> int:
    """The permId of the one working order that is meant: by permId, or by a glob of its reference."""
    if args.get("perm_id"):
        return int(args["perm_id"])
    ref = str(args.get("ref", ""))
    if not ref:
        raise ControlRefused("which order? say its reference, or perm_id=")
    found = [order.perm_id for order in gateway.venue.working() if fnmatchcase(order.reference, ref)]
    if len(found) != 1:
        raise ControlRefused(f"{len(found) or 'no'} working orders have the reference {ref}; say perm_id=")
    return found[0]


def found_execution(gateway: "Gateway", args: Args) -> Execution:
    """Today's execution that is meant: by its id, else the last of the order with that reference."""
    executions = gateway.accounts.executions()
    wanted, ref = str(args.get("exec_id", "")), str(args.get("ref", ""))
    for execution in reversed(executions):
        order = gateway.venue.order(execution.perm_id)
        if execution.exec_id == wanted or (
            not wanted and ref and order and fnmatchcase(order.reference, ref)
        ):
            return execution
    raise ControlRefused(f"no execution of today is {wanted or ref or 'named'}; say exec_id=, or a reference")


def _needed(args: Args, name: str) -> Decimal:
    value = number(args, name)
    if value is None:
        raise ControlRefused(f"this needs {name}=")
    return value


def _account(gateway: "Gateway", args: Args) -> str:
    return str(args.get("account") or gateway.accounts.names[0])


def _done(gateway: "Gateway", events: list[Event]) -> Args:
    gateway.on_events(events)
    return {"events": [type(event).__name__ for event in events]}


def _fill(gateway: "Gateway", args: Args) -> Args:
    """`fill T-7 shares=40 price=100.01`: that much, at that price, whatever the market says."""
    perm_id = found_order(gateway, args)
    order = gateway.venue.order(perm_id)
    shares = number(args, "shares") or (order.remaining if order else Decimal(0))
    price = _needed(args, "price")
    return _done(gateway, gateway.venue.door.fill(perm_id, shares, price, now=gateway.now))


def _correct(gateway: "Gateway", args: Args) -> Args:
    """`correct T-7 price=100.05`: the last print is restated."""
    execution = found_execution(gateway, args)
    price, shares = number(args, "price"), number(args, "shares")
    door = gateway.venue.door
    return _done(gateway, door.correct(execution.exec_id, now=gateway.now, price=price, shares=shares))


def _bust(gateway: "Gateway", args: Args) -> Args:
    """`bust T-7`: the last print is taken back."""
    execution = found_execution(gateway, args)
    return _done(gateway, gateway.venue.door.bust(execution.exec_id, now=gateway.now))


def _foreign(gateway: "Gateway", args: Args) -> Args:
    """`foreign AAPL side=SELL shares=100 price=99.90`: an execution of an order that no client knows."""
    instrument = found_instrument(gateway, {k: v for k, v in args.items() if k not in ("side", "account")})
    side = str(args.get("side", "BUY")).upper()
    if side not in ("BUY", "SELL"):
        raise ControlRefused(f"side={side} is neither BUY nor SELL")
    events = gateway.venue.door.foreign_execution(
        _account(gateway, args),
        instrument.con_id,
        side=side,
        shares=_needed(args, "shares"),
        price=_needed(args, "price"),
        now=gateway.now,
    )
    return _done(gateway, events)


def _liquidate(gateway: "Gateway", args: Args) -> Args:
    """`liquidate AAPL`: the broker closes the position."""
    con_id = found_instrument(gateway, {k: v for k, v in args.items() if k != "account"}).con_id
    return _done(gateway, gateway.venue.door.liquidate(_account(gateway, args), con_id, now=gateway.now))


def _reject(gateway: "Gateway", args: Args) -> Args:
    """`reject T-7 code=201 text="..."`: a working order is refused after all."""
    code, text = int(args.get("code", 201)), str(args.get("text", _REFUSAL))
    perm_id = found_order(gateway, args)
    return _done(gateway, gateway.venue.door.reject(perm_id, code, text, now=gateway.now))


def _discard(gateway: "Gateway", args: Args) -> Args:
    """`discard T-7`: thrown away before any exchange saw it."""
    return _done(gateway, gateway.venue.door.discard(found_order(gateway, args), now=gateway.now))


def _locate(gateway: "Gateway", args: Args) -> Args:
    """`locate T-7`: shares for a held short sale were found."""
    return _done(gateway, gateway.venue.door.locate(found_order(gateway, args), now=gateway.now))


def _told(turn: Callable[["Gateway", Args], Args]) -> Callable[["Gateway", Args], Args]:
    """What the exchange does not find is a refusal of the turn, with its words."""

    def told(gateway: "Gateway", args: Args) -> Args:
        try:
            return turn(gateway, args)
        except (LookupError, ArithmeticError) as error:
            raise ControlRefused(str(error)) from None

    return told


CONTROLS: dict[str, Callable[["Gateway", Args], Args]] = {
    "fill": _told(_fill),
    "correct": _told(_correct),
    "bust": _told(_bust),
    "foreign": _told(_foreign),
    "liquidate": _told(_liquidate),
    "reject": _told(_reject),
    "discard": _told(_discard),
    "locate": _told(_locate),
}
