"""Add a channel, or change what goes by it. Its address is written once more or left as it is."""

from datetime import time
from typing import Any

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction

from apps.alerts.models import Channel, Policy
from apps.alerts.ports import CLASSES, NEVER_SILENT, AlertRefused, masked
from apps.alerts.secrecy import close
from apps.journal.actions.write_entry import write_entry
from apps.journal.ports import Actor
from apps.operators.ports import ROLES

LAST_STEP = 3


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
    **whose: Any,
) -> Channel:
    """The journal tells that an address changed, never which. `whose`: holder, role, step."""
    before = _told(channel) if channel.pk else None
    channel.name, channel.enabled = name.strip(), enabled
    if url.strip():
        channel.address, channel.shown = close(url.strip()), masked(url.strip())
    if not channel.name or not channel.address:
        raise AlertRefused("CHANNEL_UNKNOWN", "a channel needs a name and an address")
    if classes is not None:
        channel.classes = [kind for kind in CLASSES if kind in classes]
    channel.quiet_from, channel.quiet_to = quiet or (None, None)
    _set_whose(channel, **whose)
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


def new_channel(*, actor: Actor, **asked: Any) -> Channel:
    """It takes every class until somebody takes a tick away."""
    return save_channel(Channel(), actor=actor, **asked)


def switch_channel(channel: Channel, *, on: bool, actor: Actor) -> Channel:
    """On or off, and nothing else of it."""
    return save_channel(channel, actor=actor, enabled=on, **as_it_is(channel))


def as_it_is(channel: Channel) -> dict[str, Any]:
    """What a change of something else must say again."""
    quiet = None
    if channel.quiet_from is not None and channel.quiet_to is not None:
        quiet = (channel.quiet_from, channel.quiet_to)
    return {"name": channel.name, "quiet": quiet, "holder": channel.holder, "role": channel.role}


def _set_whose(channel: Channel, *, holder: str = "", role: str = "", step: int | None = None) -> None:
    if holder and not User.objects.filter(username=holder).exists():
        raise AlertRefused("CHANNEL_HOLDER_UNKNOWN", f"there is nobody called {holder}")
    if role and role not in ROLES:
        raise AlertRefused("CHANNEL_HOLDER_UNKNOWN", f"there is no role {role}")
    channel.holder, channel.role = holder, "" if holder else role
    if step is not None:
        channel.step = min(max(step, 0), LAST_STEP)


@transaction.atomic
def save_policy(*, escalate_after: int, fold_within: int, actor: Actor) -> Policy:
    """How long an unanswered critical alarm waits, and how long the same thing is told only once."""
    if not 30 <= escalate_after <= 3600 or not 0 <= fold_within <= 3600:
        raise AlertRefused(
            "POLICY_OUT_OF_RANGE", "wait 30 to 3600 s before calling the next; fold within 3600 s"
        )
    row, _ = Policy.objects.select_for_update().get_or_create(pk=1)
    before = {"escalate_after": row.escalate_after, "fold_within": row.fold_within}
    row.escalate_after, row.fold_within = escalate_after, fold_within
    row.save()
    write_entry(
        "save_alert_policy",
        subject=row,
        actor=actor,
        before=before,
        after={"escalate_after": escalate_after, "fold_within": fold_within},
        topics=("alerts",),
    )
    return row


def _told(channel: Channel) -> dict[str, Any]:
    return {
        "name": channel.name,
        "service": channel.shown,
        "enabled": channel.enabled,
        "classes": channel.classes,
        "holder": channel.holder or channel.role,
        "step": channel.step,
        "quiet": [str(channel.quiet_from or ""), str(channel.quiet_to or "")],
        "never_silent": sorted(NEVER_SILENT),
    }
