"""Editing the desk's set-up in the admin. Each form calls the action; rows are never deleted."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest

from apps.desks.actions.save_account import save_account
from apps.desks.actions.save_gateway import save_gateway
from apps.desks.actions.save_strategy import save_strategy
from apps.desks.models import Account, Gateway, Strategy
from apps.desks.ports import PHASES, DeskRefused, check_account_fits, check_phase_step
from apps.desks.queries import phase_of
from apps.journal.ports import Actor


class ReasonedForm(forms.ModelForm):  # type: ignore[type-arg]
    """A form that asks why, and says the rules' refusals beside the fields."""

    reason = forms.CharField(required=False, help_text="Goes into the journal with the change.")

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if not self.errors:
            try:
                self.check_rules(values)
            except DeskRefused as refusal:
                raise forms.ValidationError(str(refusal), code=refusal.code) from None
        return values

    def check_rules(self, values: dict[str, Any]) -> None:
        """Ask the same rules that the action will ask again under its lock."""


class GatewayForm(ReasonedForm):
    def check_rules(self, values: dict[str, Any]) -> None:
        if self.instance.pk:
            for code in self.instance.accounts.values_list("code", flat=True):
                check_account_fits(code, values["mode"])


class AccountForm(ReasonedForm):
    def check_rules(self, values: dict[str, Any]) -> None:
        check_account_fits(values.get("code", self.instance.code), values["gateway"].mode)


class PhaseForm(ReasonedForm):
    def check_rules(self, values: dict[str, Any]) -> None:
        strategy = values.get("strategy") or self.instance.strategy
        account = values.get("account") or self.instance.account
        before = phase_of(strategy, account)
        check_phase_step(before, values["phase"], values["reason"])
        if PHASES.index(values["phase"]) > PHASES.index(before):
            raise DeskRefused(
                "PHASE_TWO_PEOPLE",
                "Trust grows on the Strategies page, with a second person; here it shrinks.",
            )


def person(request: HttpRequest) -> Actor:
    """Return the logged-in person as the journal names them."""
    return Actor("user", request.user.get_username())


class ActionAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Saving goes through the action; identities are fixed; there is no deleting."""

    actions = None
    fixed: tuple[str, ...] = ()
    save_action: Any = None

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return self.fixed if obj else ()

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        reason = form.cleaned_data.pop("reason", "")
        saved = type(self).save_action(obj, actor=person(request), reason=reason, **form.cleaned_data)
        obj.pk = saved.pk


@admin.register(Gateway)
class GatewayAdmin(ActionAdmin):
    form = GatewayForm
    save_action = staticmethod(save_gateway)
    list_display = ["name", "mode", "host", "port", "client_id"]


@admin.register(Account)
class AccountAdmin(ActionAdmin):
    form = AccountForm
    save_action = staticmethod(save_account)
    fixed = ("code",)
    list_display = ["masked", "title", "gateway", "base_currency", "enabled"]


@admin.register(Strategy)
class StrategyAdmin(ActionAdmin):
    form = ReasonedForm
    save_action = staticmethod(save_strategy)
    fixed = ("name", "system")
    list_display = ["name", "system", "title"]


class PhaseAdmin(ActionAdmin):
    """Registered by the runbook: less trust also ends what ran on it."""

    form = PhaseForm
    fixed = ("strategy", "account")
    list_display = ["strategy", "account", "phase"]
