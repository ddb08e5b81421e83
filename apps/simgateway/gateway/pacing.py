"""How many requests a client may send in a second, and what becomes of the others."""

from collections.abc import Callable

from apps.simgateway.exchange.instant import SECOND
from apps.simgateway.gateway.core import Session
from apps.simgateway.gateway.hub import Hub

TOO_FAST = "Max rate of messages per second has been exceeded:max={limit} rec={received} ({violations})"
PATIENCE = 3  # violations until the socket is closed


def admit(gateway: Hub, session: Session, act: Callable[[], None]) -> None:
    """Let a request in, now or when its turn comes."""
    rule, limit = gateway.switches.pacing, gateway.switches.max_messages_per_second
    if rule == "off" or limit <= 0:
        act()
        return
    arrivals = session.arrivals
    now = gateway.now
    while len(arrivals) > limit:
        arrivals.popleft()
    full = len(arrivals) == limit and now - arrivals[0] < SECOND
    if rule == "reject":
        _judge(gateway, session, act, full=full)
        return
    due = max(now, arrivals[0] + SECOND) if full else now
    if arrivals:
        due = max(due, arrivals[-1])
    arrivals.append(due)
    gateway.later(due - now, act)


def _judge(gateway: Hub, session: Session, act: Callable[[], None], *, full: bool) -> None:
    if not full:
        session.arrivals.append(gateway.now)
        act()
        return
    session.violations += 1
    limit = gateway.switches.max_messages_per_second
    text = TOO_FAST.format(limit=limit, received=limit + 1, violations=session.violations)
    gateway.error(session, -1, 100, text)
    if session.violations >= PATIENCE:
        gateway.hang_up(session)
