"""Comparisons, cases and what was done about them, to read."""

from django.contrib import admin

from apps.journal.admin import ReadOnlyAdmin
from apps.reconciliation.models import Break, BreakAct, External, Ruling, Run, Statement


@admin.register(Run)
class RunAdmin(ReadOnlyAdmin):
    list_display = [
        "at",
        "account",
        "about",
        "level",
        "differences",
        "unexplained_bps",
        "duration_ms",
        "reason",
    ]
    list_filter = ["about", "level"]


@admin.register(Break)
class BreakAdmin(ReadOnlyAdmin):
    list_display = ["opened_at", "account", "title", "kind", "severity", "state", "owner", "size", "closure"]
    list_filter = ["state", "severity", "kind", "source"]
    search_fields = ["title", "key"]


@admin.register(BreakAct)
class BreakActAdmin(ReadOnlyAdmin):
    list_display = ["at", "case", "act", "actor", "reason_code", "reason"]
    list_filter = ["act"]


@admin.register(Ruling)
class RulingAdmin(ReadOnlyAdmin):
    list_display = ["at", "account", "kind", "key", "external", "by", "reason"]


@admin.register(External)
class ExternalAdmin(ReadOnlyAdmin):
    list_display = ["at", "account", "contract", "quantity", "by", "reason"]


@admin.register(Statement)
class StatementAdmin(ReadOnlyAdmin):
    list_display = ["day", "account", "name", "taken_by", "taken_at"]
    exclude = ["body"]
