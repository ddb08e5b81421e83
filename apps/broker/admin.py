"""Intents, the broker's orders and every word of evidence, to read."""

from django.contrib import admin

from apps.broker.models import Ask, Evidence, Intent, LinkSession, Order
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
