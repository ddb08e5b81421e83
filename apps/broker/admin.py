"""Intents, the broker's orders and every word of evidence, to read; and when the gateway restarts, to set."""

from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.contrib import admin

from apps.broker.actions.save_window import save_window
from apps.broker.models import Ask, Evidence, Intent, LinkSession, Order, RestartWindow
from apps.desks.admin import ActionAdmin, ReasonedForm
from apps.journal.admin import ReadOnlyAdmin


@admin.register(Intent)
class IntentAdmin(ReadOnlyAdmin):
    list_display = ["order_ref", "attempt", "state", "order_id", "client_id", "claimed_at", "closed_at"]
    list_filter = ["state"]
    search_fields = ["order_ref"]


@admin.register(Order)
class OrderAdmin(ReadOnlyAdmin):
    list_display = ["perm_id", "order_ref", "symbol", "side", "quantity", "filled", "state", "broker_status"]
    list_filter = ["state", "side"]
    search_fields = ["order_ref", "symbol", "perm_id"]


@admin.register(Evidence)
class EvidenceAdmin(ReadOnlyAdmin):
    list_display = ["received_at", "kind", "order_ref", "perm_id", "exec_id", "code"]
    list_filter = ["kind"]
    search_fields = ["order_ref", "exec_id", "perm_id"]
    show_full_result_count = False


@admin.register(Ask)
class AskAdmin(ReadOnlyAdmin):
    list_display = ["asked_at", "verb", "asked_by", "sent_at", "answered_at", "outcome"]


@admin.register(LinkSession)
class LinkSessionAdmin(ReadOnlyAdmin):
    list_display = ["gateway", "epoch", "opened_at", "ready_at", "closed_at", "why_closed"]


class WindowForm(ReasonedForm):
    def clean_time_zone(self) -> str:
        zone = str(self.cleaned_data["time_zone"])
        if zone not in available_timezones():
            raise forms.ValidationError(f"there is no time zone {zone}")
        return zone

    def clean(self) -> dict[str, Any]:
        values = super().clean()
        if values.get("starts") and values.get("starts") == values.get("ends"):
            raise forms.ValidationError("a window that starts when it ends has no length")
        return values


@admin.register(RestartWindow)
class RestartWindowAdmin(ActionAdmin):
    """Saving goes through the action; a window that no longer holds is disabled, never deleted."""

    form = WindowForm
    save_action = staticmethod(save_window)
    fixed = ("gateway",)
    list_display = ["gateway", "title", "starts", "ends", "time_zone", "weekdays", "enabled"]
