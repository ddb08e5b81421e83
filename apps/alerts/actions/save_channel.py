"""Add a channel, or change what goes by it. Its address is written once more or left as it is."""

from datetime import time
from typing import Any

from django.db import IntegrityError, transaction

from apps.alerts.models import Channel
from apps.alerts.ports import CLASSES, NEVER_SILENT, AlertRefused, masked
from apps.alerts.secrecy import close
from apps.journal.actions.write_entry import write_entry
from apps.journal.ports import Actor


@transaction.atomic
def save_channel(
    channel: Channel,
    *,
    actor: Actor,
    name: str,
    url: str = "",
    enabled: bool = True,
    classes: list[str] | None = None,
    quiet: tuple[time, time] | None = None,
) -> Channel:
    """The journal tells that an address changed, never which."""
    before = _told(channel) if channel.pk else None
    channel.name, channel.enabled = name.strip(), enabled
    if url.strip():
        channel.address, channel.shown = close(url.strip()), masked(url.strip())
    if not channel.name or not channel.address:
        raise AlertRefused("CHANNEL_UNKNOWN", "a channel needs a name and an address")
    if classes is not None:
        channel.classes = [kind for kind in CLASSES if kind in classes]
    channel.quiet_from, channel.quiet_to = quiet or (None, None)
    try:
        with transaction.atomic():
            channel.save()
    except IntegrityError:
        raise AlertRefused("CHANNEL_NAME_TAKEN", f"there is a channel {channel.name} already") from None
    write_entry(
        "save_channel",
        subject=channel,
        actor=actor,
        before=before,
        after=_told(channel) | {"address": "changed" if url.strip() else "as it was"},
        topics=("alerts",),
    )
    return channel


def _told(channel: Channel) -> dict[str, Any]:
    return {
        "name": channel.name,
        "service": channel.shown,
        "enabled": channel.enabled,
        "classes": channel.classes,
        "quiet": [str(channel.quiet_from or ""), str(channel.quiet_to or "")],
        "never_silent": sorted(NEVER_SILENT),
    }
