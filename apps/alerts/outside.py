"""The sign of life to the outside. Whoever listens there calls somebody when it stops coming.

A desk that is not well gives none: silence is the one alarm that needs nothing of the desk to be heard.
"""

import threading
from urllib.error import URLError
from urllib.request import Request, urlopen

from django.conf import settings

from apps.alerts.actions.keep_beat import begin_beat, keep_beat
from apps.alerts.channels.sending import stays_here
from apps.alerts.ports import CRITICAL
from apps.alerts.queries import open_alarms
from apps.broker.queries import link_view
from apps.desks.queries import enabled_accounts
from apps.journal import clock
from apps.market.ports import CALENDAR
from apps.runbook.situation import session_value
from tradingdesk.domain.market import is_open

WITHIN = 10.0  # seconds
_one_at_a_time = threading.Lock()


def beat_outside() -> str:
    """Once a minute by the schedule. Nothing to do without an address."""
    url = settings.HEARTBEAT_URL
    if not url or not _one_at_a_time.acquire(blocking=False):
        return ""
    try:
        begin_beat()
        ill = why_not_well()
        code, text = ("HEARTBEAT_WITHHELD", ill) if ill else ask_for(url)
    finally:
        _one_at_a_time.release()
    keep_beat(code, text)
    return code or "taken"


def why_not_well() -> str:
    """Why the outside should worry: nothing can be seen of the broker while it trades, or nobody answers."""
    now = clock.now()
    session = session_value(CALENDAR, now)
    if session is not None and is_open(session, now):
        for gateway in {row.gateway_id for row in enabled_accounts()}:
            view = link_view(gateway, now)
            if not view.ready:
                return f"the session is open and the link is {view.state}: {view.reason}"
    waiting = open_alarms().filter(severity=CRITICAL, acknowledged_at=None).first()
    return f"nobody has acknowledged {waiting.code}" if waiting else ""


def ask_for(url: str) -> tuple[str, str]:
    """Nothing when it was taken."""
    if settings.ALERTS_FENCED and not stays_here(url):
        return "CHANNEL_FENCED", "this process may reach nothing outside its own machine"
    if not url.startswith(("https://", "http://")):
        return "HEARTBEAT_FAILED", "the address is no web address"
    try:
        with urlopen(Request(url, headers={"User-Agent": "tradingdesk"}), timeout=WITHIN) as answer:
            return ("", "") if answer.status < 400 else ("HEARTBEAT_FAILED", f"it answered {answer.status}")
    except (URLError, OSError, ValueError) as lost:
        return "HEARTBEAT_FAILED", f"{type(lost).__name__}: {lost}"[:300].replace(url, "the address")
