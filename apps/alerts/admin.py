"""What was told to whom, to read. Channels are set on their own page, where their addresses stay hidden."""

from django.contrib import admin

from apps.alerts.models import Delivery, Message
from apps.journal.admin import ReadOnlyAdmin


@admin.register(Message)
class MessageAdmin(ReadOnlyAdmin):
    list_display = ["key", "kind", "title", "state", "made_at", "ended_at"]
    list_filter = ["kind", "state"]


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyAdmin):
    list_display = ["message", "channel", "at", "arrived", "milliseconds", "reason_code"]
    list_filter = ["channel", "arrived"]
