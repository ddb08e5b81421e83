"""Requests and what was decided, to read: an approval is given on its card and nowhere else."""

from django.contrib import admin

from apps.approvals.models import Request
from apps.journal.admin import ReadOnlyAdmin


@admin.register(Request)
class RequestAdmin(ReadOnlyAdmin):
    list_display = ["pk", "plan", "state", "order_count", "notional", "opened_at", "decided_at", "decided_by"]
    list_filter = ["state", "strategy"]
