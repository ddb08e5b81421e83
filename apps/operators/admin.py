"""Preferences in the admin: the form calls the action."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from apps.journal.ports import Actor
from apps.operators.actions.save_preference import save_preference
from apps.operators.models import Preference


@admin.register(Preference)
class PreferenceAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ["user", "theme", "density", "primary_zone", "colours"]
    actions = None

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("user",) if obj else ()

    def save_model(self, request: HttpRequest, obj: Preference, form: Any, change: bool) -> None:
        values = {name: value for name, value in form.cleaned_data.items() if name != "user"}
        saved = save_preference(obj.user, actor=Actor("user", request.user.get_username()), **values)
        obj.pk = saved.pk
