"""The gateway's midnight: what is done is forgotten, as are the executions of the day."""

from typing import TYPE_CHECKING

from apps.simgateway.exchange.days import next_midnight

if TYPE_CHECKING:
    from apps.simgateway.gateway.gateway import Gateway


def begin(gateway: "Gateway") -> None:
    """Wake at every midnight of the gateway's zone."""
    due = next_midnight(gateway.switches.midnight_zone, gateway.now)
    gateway.timers.at(due, lambda: _pass(gateway))


def _pass(gateway: "Gateway") -> None:
    gateway.orders.begin_day()
    gateway.note("midnight")
    begin(gateway)


BEGINNINGS = (begin,)
