"""Which function answers which request, and which turn at the control door.

A handler module may export `HANDLERS` (request type → function of gateway, session, request), `CONTROLS`
(verb → function of gateway and arguments, answering a dict), `WATCHERS` (functions of gateway and changed
position, called after the order messages went out) and `BEGINNINGS` (functions of gateway,
called once at construction, for timers).
"""

from collections.abc import Callable
from types import ModuleType
from typing import Any

from apps.simgateway.exchange.events import PositionChanged
from apps.simgateway.gateway import handshake, link, midnight
from apps.simgateway.gateway.accounts import accountvalues, pnl, positions, summary
from apps.simgateway.gateway.core import Session
from apps.simgateway.gateway.door import manual as door_manual
from apps.simgateway.gateway.door import market as door_market
from apps.simgateway.gateway.door import orders as door_orders
from apps.simgateway.gateway.faults import interference
from apps.simgateway.gateway.history import bars as history
from apps.simgateway.gateway.history import ticks as historyticks
from apps.simgateway.gateway.hub import Hub
from apps.simgateway.gateway.orders import executions, orderqueries
from apps.simgateway.gateway.orders import placing as orders
from apps.simgateway.gateway.prices import (
    calculations,
    depth,
    entitlement,
    marketdata,
    realtimebars,
    tickbytick,
)
from apps.simgateway.gateway.reference import definitions, directory, scanner, unavailable

MODULES: tuple[ModuleType, ...] = (
    handshake,
    orders,
    orderqueries,
    executions,
    link,
    midnight,
    door_orders,
    door_manual,
    interference,
    directory,
    marketdata,
    entitlement,
    tickbytick,
    realtimebars,
    depth,
    definitions,
    calculations,
    history,
    historyticks,
    scanner,
    accountvalues,
    positions,
    summary,
    pnl,
    unavailable,
    door_market,
)

Handler = Callable[[Hub, Session, Any], None]
Control = Callable[[Hub, dict[str, Any]], dict[str, Any]]
Watcher = Callable[[Hub, PositionChanged], None]
Beginning = Callable[[Hub], None]


def _merged(name: str) -> dict[Any, Any]:
    merged: dict[Any, Any] = {}
    for module in MODULES:
        for key, function in getattr(module, name, {}).items():
            if key in merged:
                raise ValueError(f"{module.__name__}: {key!r} has a handler already")
            merged[key] = function
    return merged


HANDLERS: dict[type, Handler] = _merged("HANDLERS")
CONTROLS: dict[str, Control] = _merged("CONTROLS")
WATCHERS: tuple[Watcher, ...] = tuple(w for m in MODULES for w in getattr(m, "WATCHERS", ()))
BEGINNINGS: tuple[Beginning, ...] = tuple(b for m in MODULES for b in getattr(m, "BEGINNINGS", ()))
