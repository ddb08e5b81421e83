"""Reads of channels and of what was told."""

from datetime import datetime

from django.db.models import QuerySet

from apps.alerts.models import Channel, Delivery, Message
from apps.alerts.ports import QuietHours, wanted


def channels() -> QuerySet[Channel]:
    return Channel.objects.order_by("pk")


def channel_of(channel_id: int) -> Channel | None:
    return Channel.objects.filter(pk=channel_id).first()


def quiet_of(row: Channel) -> QuietHours | None:
    if row.quiet_from is None or row.quiet_to is None:
        return None
    return QuietHours(row.quiet_from, row.quiet_to, row.zone)


def channels_for(message: Message, now: datetime) -> list[Channel]:
    """Where a message goes now. A test goes where it was asked for, at any hour."""
    if message.only is not None:
        return [message.only]
    rows = Channel.objects.filter(enabled=True)
    return [row for row in rows if wanted(message.kind, row.classes, quiet_of(row), now)]


def last_deliveries() -> dict[int, Delivery]:
    """What each channel answered last."""
    rows = Delivery.objects.select_related("message").order_by("channel_id", "-at", "-pk")
    return {row.channel_id: row for row in rows.distinct("channel_id")}


def deliveries_of(key: str) -> list[Delivery]:
    rows = Delivery.objects.filter(message__key=key).select_related("channel")
    return list(rows.order_by("at", "pk"))


def recent_messages(limit: int = 30) -> QuerySet[Message]:
    return Message.objects.prefetch_related("deliveries__channel").order_by("-pk")[:limit]
