"""Which function answers which request, and which turn at the control door.

A handler module may export `HANDLERS` (request type → function of gateway, session, request), `CONTROLS`
(verb → function of gateway and arguments, answering a dict), `WATCHERS` (functions of gateway and changed
position, called after the order messages went out) and `BEGINNINGS` (functions of gateway,
called once at construction, for timers).
"""

from collections.abc import Callable
from types import ModuleType
from typing import TYPE_CHECKING, Any

from apps.simgateway.exchange.events import PositionChanged
from apps.simgateway.gateway import (
    accountvalues,
    calculations,
    definitions,
    depth,
    directory,
    door_manual,
    door_market,
    door_orders,
    entitlement,
    executions,
    handshake,
    history,
    historyticks,
    interference,
    link,
    marketdata,
    midnight,
    orderqueries,
    orders,
    pnl,
    positions,
    realtimebars,
    scanner,
    summary,
    tickbytick,
    unavailable,
)
from apps.simgateway.gateway.core import Session

if TYPE_CHECKING:
    from apps.simgateway.gateway.gateway import Gateway

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

Handler = Callable[["Gateway", Session, Any], None]
Control = Callable[["Gateway", dict[str, Any]], dict[str, Any]]
Watcher = Callable[["Gateway", PositionChanged], None]
Beginning = Callable[["Gateway"], None]


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
