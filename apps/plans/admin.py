"""Plans, their lines and the quarantine, to read."""

from django.contrib import admin

from apps.journal.admin import ReadOnlyAdmin
from apps.plans.models import Line, Plan, Quarantine


@admin.register(Plan)
class PlanAdmin(ReadOnlyAdmin):
    list_display = ["pk", "trading_day", "version", "strategy", "account", "state", "source", "file_name"]
    list_filter = ["state", "source", "strategy"]
    search_fields = ["file_name", "digest"]


@admin.register(Line)
class LineAdmin(ReadOnlyAdmin):
    list_display = ["plan", "number", "symbol", "side", "quantity", "limit_price", "state", "reason_code"]
    list_filter = ["state", "reason_code"]
    search_fields = ["symbol"]


@admin.register(Quarantine)
class QuarantineAdmin(ReadOnlyAdmin):
    list_display = ["received_at", "file_name", "source", "size", "digest"]
    search_fields = ["file_name", "digest"]
