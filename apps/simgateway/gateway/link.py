"""The line between the gateway and the broker: lost, restored, and what waits for it."""

from collections.abc import Callable
from typing import Any

from apps.simgateway.gateway.core import ControlRefused
from apps.simgateway.gateway.hub import Hub

LOST, RESTORED_BARE, RESTORED = 1100, 1101, 1102
TEXTS = {
    LOST: "Connectivity between IBKR and Trader Workstation has been lost.",
    RESTORED_BARE: (
        "Connectivity between IBKR and Trader Workstation has been restored - data lost. "
        "All data requests have been lost: subscribe again."
    ),
    RESTORED: (
        "Connectivity between IBKR and Trader Workstation has been restored - data maintained. "
        "All data farms are connected: usfarm.nj; eufarm; usfarm; ushmds; secdefil."
    ),
    1300: "TWS socket port has been reset and this connection is being dropped. Please reconnect.",
    2103: "Market data farm connection is broken:usfarm",
    2104: "Market data farm connection is OK:usfarm",
    2105: "HMDS data farm connection is broken:ushmds",
    2106: "HMDS data farm connection is OK:ushmds",
    2107: "HMDS data farm connection is inactive but should be available upon demand.ushmds",
    2108: "Market data farm connection is inactive but should be available upon demand.usfarm",
    2110: "Connectivity between Trader Workstation and server is broken. It will be restored automatically.",
    2119: "Market data farm is connecting:usfarm",
    2157: "Sec-def data farm connection is broken:secdefil",
    2158: "Sec-def data farm connection is OK:secdefil",
}


def over_the_line(gateway: Hub, act: Callable[[], None]) -> None:
    """Do it now, or when the line is back."""
    if gateway.link_up:
        act()
    else:
        gateway.deferred.append(act)


def turn_link(gateway: Hub, args: dict[str, Any]) -> dict[str, Any]:
    """`link 1100` loses the line, `link 1102` and `link 1101` restore it; other codes are only told."""
    text = str(args.get("code", ""))
    code = int(text) if text.isdigit() else 0
    if code not in TEXTS:
        raise ControlRefused(f"no such notice: {text or 'nothing'}; there are: {', '.join(map(str, TEXTS))}")
    words = str(args.get("text", "")) or TEXTS[code]
    if code == LOST:
        gateway.link_up = False
    for session in gateway.sessions_ready():
        gateway.error(session, -1, code, words)
    if code == RESTORED_BARE:
        for session in gateway.sessions_ready():
            session.streams.clear()
    if code in (RESTORED_BARE, RESTORED):
        _restore(gateway)
    return {"code": code, "link": "up" if gateway.link_up else "lost"}


def _restore(gateway: Hub) -> None:
    gateway.link_up = True
    waiting, gateway.deferred = gateway.deferred, []
    for act in waiting:
        act()


CONTROLS = {"link": turn_link}
