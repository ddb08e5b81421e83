"""The gateway's midnight: what is done is forgotten, as are the executions of the day."""

from apps.simgateway.exchange.days import next_midnight
from apps.simgateway.gateway.hub import Hub


def begin(gateway: Hub) -> None:
    """Wake at every midnight of the gateway's zone."""
    due = next_midnight(gateway.switches.midnight_zone, gateway.now)
    gateway.timers.at(due, lambda: _pass(gateway))


def _pass(gateway: Hub) -> None:
    gateway.orders.begin_day()
    gateway.note("midnight")
    begin(gateway)


BEGINNINGS = (begin,)
