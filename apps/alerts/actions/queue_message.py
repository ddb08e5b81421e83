"""Put something to be told into the queue, once under each key."""

from apps.alerts.models import Channel, Message
from apps.journal import clock


def queue_message(
    key: str,
    kind: str,
    *,
    title: str,
    body: str = "",
    window: int | None = None,
    only: Channel | None = None,
) -> bool:
    """False: it was queued before."""
    _, new = Message.objects.get_or_create(
        key=key,
        defaults={
            "kind": kind,
            "title": title[:200],
            "body": body,
            "window": window,
            "only": only,
            "made_at": clock.now(),
        },
    )
    return new
