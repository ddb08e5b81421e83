"""Say when a gateway restarts, or change it. The link reads it within a second."""

from typing import Any

from django.db import transaction

from apps.broker.models import RestartWindow
from apps.journal.actions.write_change import fields_of, write_change
from apps.journal.ports import Actor


@transaction.atomic
def save_window(window: RestartWindow, *, actor: Actor, reason: str = "", **values: Any) -> RestartWindow:
    """Save the values, one journal line with what changed."""
    before = None
    if window.pk:
        window = RestartWindow.objects.select_for_update().get(pk=window.pk)
        before = fields_of(window)
    for name, value in values.items():
        setattr(window, name, value)
    window.save()
    write_change(window, before, actor=actor, reason=reason, topics=("link",))
    return window
