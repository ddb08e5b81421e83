"""Tickets, to read."""

from django.contrib import admin

from apps.journal.admin import ReadOnlyAdmin
from apps.tickets.models import Ticket


@admin.register(Ticket)
class TicketAdmin(ReadOnlyAdmin):
    list_display = [
        "key",
        "role",
        "side",
        "quantity",
        "filled",
        "order_type",
        "state",
        "limit_set",
        "changed_at",
    ]
    list_filter = ["state", "role", "strategy"]
    search_fields = ["key", "contract__symbol"]
