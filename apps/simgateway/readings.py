"""What the control door tells of a gateway without turning anything."""

import dataclasses
from collections.abc import Callable
from typing import Any

from apps.simgateway.exchange.instant import to_datetime
from apps.simgateway.exchange.order import Order
from apps.simgateway.gateway.faults.kinds import KINDS
from apps.simgateway.machine import Machine

Args = dict[str, Any]
_ORDER_COLUMNS = (
    "perm_id client_id account con_id side quantity order_type limit aux tif status why_held filled reference"
)


def orders(machine: Machine, args: Args) -> Args:
    """The working orders."""
    return {"orders": [_order_row(order) for order in machine.gateway.venue.working()]}


def _order_row(order: Order) -> Args:
    return {name: getattr(order, name) for name in _ORDER_COLUMNS.split()}


def executions(machine: Machine, args: Args) -> Args:
    """The executions since the gateway's midnight."""
    found = machine.gateway.accounts.executions(str(args.get("account", "")))
    return {"executions": [dataclasses.asdict(execution) for execution in found]}


def positions(machine: Machine, args: Args) -> Args:
    found = machine.gateway.accounts.positions(str(args.get("account", "")))
    return {"positions": [{"account": account, **_plain(position)} for account, position in found]}


def _plain(value: Any) -> Args:
    return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}


def ledger(machine: Machine, args: Args) -> Args:
    """The latest lines, of a kind (in, out, execution, ...) or a message name when asked."""
    wanted = {word: str(args.get(word, "")) for word in ("kind", "name")}
    return {"lines": machine.ledger.latest(int(args.get("limit", 50)), **wanted)}


def catalogue(machine: Machine, args: Args) -> Args:
    """Every fault there is, with an example."""
    return {"kinds": [{"name": k.name, "says": k.says, "example": k.example} for k in KINDS.values()]}


def status(machine: Machine, args: Args) -> Args:
    gateway = machine.gateway
    return {
        "time": to_datetime(gateway.now).isoformat(),
        "clients": [
            {"conn": s.conn, "client_id": s.client_id, "version": s.version, "ready": s.ready}
            for s in gateway.sessions.values()
        ],
        "working_orders": len(gateway.venue.working()),
        "ledger_lines": machine.ledger.count,
        "faults": len(gateway.faults.rows()),
    }


def faults(machine: Machine, args: Args) -> Args:
    """The faults that are turned on."""
    return {"faults": machine.gateway.faults.rows()}


READINGS: dict[str, Callable[[Machine, Args], Args]] = {
    "status": status,
    "orders": orders,
    "executions": executions,
    "positions": positions,
    "ledger": ledger,
    "faults": faults,
    "catalogue": catalogue,
}
