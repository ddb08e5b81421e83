"""Contracts, sessions and what was asked of the broker, to read."""

from django.contrib import admin

from apps.journal.admin import ReadOnlyAdmin
from apps.market.models import Contract, LastQuote, Lookup, Session


@admin.register(Contract)
class ContractAdmin(ReadOnlyAdmin):
    list_display = ["symbol", "con_id", "sec_type", "currency", "primary_exchange", "min_tick", "checked_at"]
    search_fields = ["symbol", "local_symbol", "con_id"]


@admin.register(Lookup)
class LookupAdmin(ReadOnlyAdmin):
    list_display = [
        "symbol",
        "sec_type",
        "exchange",
        "currency",
        "state",
        "problem",
        "asked_at",
        "answered_at",
    ]
    list_filter = ["state"]


@admin.register(Session)
class SessionAdmin(ReadOnlyAdmin):
    list_display = ["calendar", "day", "open_at", "close_at", "early"]
    list_filter = ["calendar", "early"]
    date_hierarchy = "day"


@admin.register(LastQuote)
class LastQuoteAdmin(ReadOnlyAdmin):
    list_display = ["contract", "bid", "ask", "last", "halted", "data_type", "received_at"]
