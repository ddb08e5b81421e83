"""Send one message by several channels at once and wait five seconds, no longer, for all of them.

In the worker, never in a web request: a service may take its time, and a page may not.
"""

import functools
import re
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import structlog
from django.conf import settings

from apps.alerts.actions.keep_delivery import Sent
from apps.alerts.models import Channel, Message
from apps.alerts.ports import DEADLINE_SECONDS, FILE_SCHEME, AlertRefused
from apps.alerts.secrecy import open_up
from apps.journal import clock

log = structlog.get_logger(__name__)

SIMULATED = "sim"
WEB_HOOKS, LOOPBACK = frozenset({"json", "http"}), frozenset({"127.0.0.1", "localhost", "::1"})


class _Errand(threading.Thread):
    """One channel's sending. It dies with the process; nobody waits for it past the deadline."""

    def __init__(self, channel: Channel, message: Message) -> None:
        super().__init__(daemon=True, name=f"alert-{channel.pk}")
        self.channel, self.message = channel, message
        self.began = time.monotonic()
        self.code: str | None = None

    def run(self) -> None:
        try:
            self.code = send_one(open_up(self.channel.address), self.message.title, self.message.body)
        except AlertRefused as refused:
            self.code = refused.code
        except Exception as broken:  # noqa: BLE001 - a hundred services, each with its own way to break
            log.warning("channel_broken", channel=self.channel.name, error=type(broken).__name__)
            self.code = "CHANNEL_REFUSED"
        self.ended = time.monotonic()

    def answer(self) -> Sent:
        took = int(1000 * ((self.ended if self.code is not None else time.monotonic()) - self.began))
        code = "CHANNEL_SILENT" if self.code is None else self.code
        return Sent(self.channel.pk, self.channel.name, code == "", took, code)


def send_by_all(
    channels: Sequence[Channel], message: Message, *, within: float = DEADLINE_SECONDS
) -> list[Sent]:
    """Each channel's own answer; what has not answered in time counts as undelivered."""
    learn_services()
    errands = [_Errand(channel, message) for channel in channels]
    for errand in errands:
        errand.start()
    until = time.monotonic() + within
    for errand in errands:
        errand.join(max(0.0, until - time.monotonic()))
    return [errand.answer() for errand in errands]


def send_one(url: str, title: str, body: str) -> str:
    """Nothing when the service took it, else a reason code."""
    if settings.ALERTS_FENCED and not stays_here(url):
        return "CHANNEL_FENCED"
    if url.startswith(f"{FILE_SCHEME}:"):
        return write_to_file(url.partition(":")[2], title, body)
    errand = _services()
    if not errand.add(url):
        return "CHANNEL_UNKNOWN"
    return "" if errand.notify(title=title, body=body or title) else "CHANNEL_REFUSED"


def stays_here(url: str) -> bool:
    """Whether an address cannot lead off this machine: a file of the home, or a web hook of this very host.

    Everything else is refused where it is fenced in, whatever services are invented next.
    """
    parts = urlsplit(url)
    return parts.scheme == FILE_SCHEME or (parts.scheme in WEB_HOOKS and parts.hostname in LOOPBACK)


def _services() -> Any:
    import apprise  # nearly two hundred services' modules: only the process that sends pays for them

    return apprise.Apprise(asset=apprise.AppriseAsset(async_mode=False, app_id="tradingdesk"))


@functools.cache
def learn_services() -> bool:
    """Loading the services takes seconds, once in a process: not out of the five that a channel has."""
    return bool(_services().add("json://127.0.0.1/"))


def write_to_file(name: str, title: str, body: str) -> str:
    """A simulated desk's own channel: lines in a file of its home."""
    if settings.MODE != SIMULATED or not re.fullmatch(r"[\w.-]+", name):
        return "CHANNEL_UNKNOWN"
    path = Path(settings.HOME) / "alerts" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.write(f"{clock.now():%Y-%m-%d %H:%M:%S} {title}\n{body}\n\n")
    return ""
