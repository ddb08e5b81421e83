"""What may be said of the broker link, in words: whether it can see and send, and what its loss means."""

from dataclasses import dataclass, replace

from django.utils.text import capfirst

from apps.broker.queries import LinkView
from apps.dashboard.words import LINK_WORDS


@dataclass(frozen=True, slots=True)
class Banner:
    """What is lost, since when, and what that does and does not mean."""

    title: str
    text: str
    level: str = "critical"


HELD = Banner(
    "Orders are held",
    "Approved orders wait; a cancel is sent, and sent again after the restart if nobody answered it.",
    level="medium",
)
BANNERS = {
    "dead": Banner(
        "The broker link does not report",
        "States of orders are as of its last word. Nothing new is sent; a cancel is kept and sent first.",
    ),
    "down": Banner(
        "Broker connection down",
        "Working orders are live at the broker and cannot be seen from here. They can be cancelled in TWS or "
        "by phone. Nothing new is sent.",
    ),
    "connecting": Banner(
        "Broker connection down",
        "The link is dialling. Working orders are live at the broker, not observable.",
    ),
    "not_ready": Banner(
        "The broker link is not ready", "Nothing new is sent until it is; cancel still works."
    ),
    "synchronising": Banner(
        "Reading the broker's books",
        "Nothing new is sent before they are read completely; cancel still works.",
    ),
}


@dataclass(frozen=True, slots=True)
class Link:
    """What may be said of the link, in words."""

    view: LinkView

    @property
    def ready(self) -> bool:
        return self.view.ready

    @property
    def held(self) -> bool:
        """It could send and does not: the gateway is about to restart."""
        return self.ready and self.view.reason_code == "RESTART_NEAR"

    @property
    def word(self) -> str:
        word = LINK_WORDS.get(self.view.state, self.view.state)
        row = self.view.row
        if self.ready and row is not None and row.round_trip_ms is not None:
            return f"{word} {row.round_trip_ms:.0f} ms"
        return word

    @property
    def reason(self) -> str:
        return self.view.reason or f"{self.word}, from the link's own heartbeat"

    @property
    def since_ms(self) -> int | None:
        since = self.view.since
        return None if self.ready or since is None else int(since.timestamp() * 1000)

    @property
    def banner(self) -> Banner | None:
        if self.ready:
            return replace(HELD, text=f"{HELD.text} {self.view.reason}".strip()) if self.held else None
        banner = BANNERS.get(self.view.state, BANNERS["not_ready"])
        why = f"{capfirst(self.view.reason.rstrip('.'))}." if self.view.reason else ""
        return Banner(banner.title, f"{banner.text} {why}".strip())
