"""One life of the socket: opened, ready, closed. Each is one journal line."""

from datetime import datetime

from django.db import transaction

from apps.broker.models import LinkSession, LinkState
from apps.broker.ports import Opened
from apps.desks.models import Gateway
from apps.journal import clock
from apps.journal.actions.write_entry import write_entry
from apps.journal.ports import Actor


@transaction.atomic
def open_session(gateway: Gateway, epoch: int, opened: Opened, *, holder: str) -> LinkSession:
    close_left_open(gateway, clock.now(), "it broke, and that could not be written down")
    session = LinkSession.objects.create(
        gateway=gateway,
        epoch=epoch,
        opened_at=clock.now(),
        server_version=opened.server_version,
        next_valid_id=opened.next_valid_id,
    )
    write_entry(
        "open_session",
        subject=session,
        actor=Actor("link", holder),
        after={
            "epoch": epoch,
            "server_version": opened.server_version,
            "next_valid_id": opened.next_valid_id,
            "accounts": len(opened.accounts),
        },
        topics=("link",),
    )
    return session


def close_left_open(gateway: Gateway, at: datetime, why: str) -> None:
    """Those that nobody could close."""
    for row in LinkSession.objects.filter(gateway=gateway, closed_at=None):
        row.closed_at, row.why_closed = max(at, row.opened_at), why
        row.save(update_fields=["closed_at", "why_closed"])


@transaction.atomic
def mark_ready(session: LinkSession, *, holder: str, seen: dict[str, int]) -> None:
    """A complete snapshot was read: from here on orders may go out."""
    now = clock.now()
    LinkSession.objects.filter(pk=session.pk, ready_at=None).update(ready_at=now)
    LinkState.objects.filter(gateway_id=session.gateway_id).update(
        state="ready",
        reason_code="",
        reason="",
        since=LinkState.since_when(ready=True, now=now),
        snapshot_at=now,
        session=session,
    )
    write_entry("become_ready", subject=session, actor=Actor("link", holder), after=seen, topics=("link",))


@transaction.atomic
def close_session(session: LinkSession, why: str, *, holder: str, code: str = "SOCKET_CLOSED") -> None:
    now = clock.now()
    closed = LinkSession.objects.filter(pk=session.pk, closed_at=None).update(closed_at=now, why_closed=why)
    if not closed:
        return
    LinkState.objects.filter(gateway_id=session.gateway_id).update(
        state="down", reason_code=code, reason=why, since=LinkState.since_when(ready=False, now=now)
    )
    write_entry(
        "close_session", subject=session, actor=Actor("link", holder), reason=why, topics=("link", "orders")
    )
