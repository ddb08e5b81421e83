"""Fills, positions and results, to read."""

from django.contrib import admin

from apps.journal.admin import ReadOnlyAdmin
from apps.ledger.models import DayResult, Fill, Position


@admin.register(Fill)
class FillAdmin(ReadOnlyAdmin):
    list_display = [
        "at",
        "exec_id",
        "contract",
        "side",
        "quantity",
        "price",
        "commission",
        "superseded",
        "busted",
    ]
    list_filter = ["side", "superseded", "busted", "trading_day"]
    search_fields = ["exec_id", "contract__symbol"]


@admin.register(Position)
class PositionAdmin(ReadOnlyAdmin):
    list_display = ["contract", "account", "quantity", "average_cost", "broker_quantity", "broker_at"]


@admin.register(DayResult)
class DayResultAdmin(ReadOnlyAdmin):
    list_display = ["trading_day", "strategy", "account", "realized", "commissions", "fills", "provisional"]
    list_filter = ["strategy", "provisional"]
