"""Links that work signed out, once, and for a while: to cancel a countdown, and to stop trading.

A GET only shows a button, because mail scanners and chat previews follow links. The button's POST spends it.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.core import signing
from django.db import IntegrityError, transaction
from django.urls import reverse

from apps.alerts.models import SpentLink
from apps.alerts.ports import AlertRefused
from apps.approvals.queries import window_of
from apps.journal import clock
from apps.journal.database_clock import database_now
from tradingdesk.domain.approvals.windows import LINK_GOOD_FOR

SALT = "alerts.links"
KINDS = ("cancel", "kill")
KILL_GOOD_FOR = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class Link:
    """What a link says of itself."""

    kind: str
    number: int
    made_at: datetime
    word: str

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.word.encode()).hexdigest()


def sign(kind: str, number: int = 0) -> str:
    """The words of a new link. Nothing of it is kept until it is spent."""
    made = int(clock.now().timestamp())
    return signing.dumps([kind, number, made, secrets.token_urlsafe(9)], salt=SALT, compress=False)


def read(word: str, kind: str) -> Link:
    """What the words say, or AlertRefused: forged, of another kind, over, or spent."""
    try:
        said, number, made, _ = signing.loads(word, salt=SALT)
    except (signing.BadSignature, ValueError):
        raise AlertRefused("LINK_FORGED", "this link was not made by this desk") from None
    link = Link(said, int(number), datetime.fromtimestamp(made, clock.now().tzinfo), word)
    if link.kind != kind:
        raise AlertRefused("LINK_FORGED", "this link is for something else")
    if is_over(link):
        raise AlertRefused("LINK_OVER", "the time of this link is over")
    if SpentLink.objects.filter(digest=link.digest).exists():
        raise AlertRefused("LINK_SPENT", "this link was used before")
    return link


def is_over(link: Link) -> bool:
    if link.kind == "kill":
        return clock.now() > link.made_at + KILL_GOOD_FOR
    window = window_of(link.number)
    if window is None:
        return True
    end = window.ends_at or window.closed_at or window.asked_at
    return database_now() > end + LINK_GOOD_FOR


def spend(link: Link) -> None:
    """Once: the second of two presses is refused by the table."""
    try:
        with transaction.atomic():
            SpentLink.objects.create(digest=link.digest, kind=link.kind, at=clock.now())
    except IntegrityError:
        raise AlertRefused("LINK_SPENT", "this link was used before") from None


def cancel_link(window_id: int) -> str:
    return f"{settings.PUBLIC_URL}{reverse('alerts:cancel', args=[sign('cancel', window_id)])}"


def kill_link() -> str:
    return f"{settings.PUBLIC_URL}{reverse('alerts:kill', args=[sign('kill')])}"
