"""Preferences and tokens in the admin: what is changed is changed by an action."""

from typing import Any

import allauth.account.admin
import allauth.mfa.admin
import allauth.usersessions.admin  # noqa: F401
import django.contrib.auth.admin  # noqa: F401
from allauth.account.models import EmailAddress, EmailConfirmation
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib import admin, messages
from django.contrib.auth.models import Group, User
from django.db.models import QuerySet
from django.http import HttpRequest

from apps.journal.admin import ReadOnlyAdmin
from apps.journal.ports import Actor
from apps.operators.actions.issue_token import revoke_token
from apps.operators.actions.save_preference import save_preference
from apps.operators.models import Preference, Token

# Who people are and what they may do is changed on the People page, by actions that keep the rules.
for model in (User, Group, EmailAddress, EmailConfirmation, Authenticator, UserSession):
    if admin.site.is_registered(model):
        admin.site.unregister(model)


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


@admin.register(Token)
class TokenAdmin(ReadOnlyAdmin):
    """To read and to withdraw. One is made with `./desk token issue NAME`, where its words are shown once."""

    list_display = ["name", "scopes", "strategy", "account", "made_by", "expires_at", "used_at", "revoked_at"]
    exclude = ["digest"]
    actions = ["withdraw"]  # type: ignore[assignment]

    @admin.action(description="Withdraw the selected tokens", permissions=["withdraw"])
    def withdraw(self, request: HttpRequest, rows: QuerySet[Token]) -> None:
        for token in rows:
            revoke_token(token, actor=Actor("user", request.user.get_username()), reason="from the admin")
        messages.success(request, f"{len(rows)} withdrawn.")

    def has_withdraw_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("operators.change_token"))
