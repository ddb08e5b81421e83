"""The journal in the admin: to read, never to write."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from apps.journal.models import Entry


class ReadOnlyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """A table that people look at and that only actions write."""

    actions = None

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Entry)
class EntryAdmin(ReadOnlyAdmin):
    list_display = ["sequence", "at", "actor", "verb", "subject_kind", "subject_id", "account", "reason_code"]
    list_filter = ["actor_kind", "verb", "subject_kind"]
    search_fields = ["subject_id", "actor", "reason", "account"]
    show_full_result_count = False
