"""Limits are edited here, through the action: each save is the next version of the whole set."""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Protocol

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse

from apps.journal import clock
from apps.journal.admin import ReadOnlyAdmin
from apps.journal.ports import Actor
from apps.operators.ports import NotAllowed
from apps.risk.actions.ask_limits import ask_limits
from apps.risk.actions.change_limits import REASON_AT_LEAST, LimitsRefused, values_of
from apps.risk.models import LimitSet, Reservation, Stop, Verdict
from apps.risk.queries import limits_in_force
from tradingdesk.domain.risk import LIMITS, changes_between
from tradingdesk.domain.risk import LimitSet as Values

CHANGE = "risk.change_limitset"


class Effect(Protocol):
    """What these values would do to the plans that wait, in words."""

    def __call__(self, values: Mapping[str, Decimal], *, scope: str, now: datetime) -> str: ...


class LimitsForm(forms.Form):
    """Every limit of one scope with the value in force, and why it should change."""

    based_on = forms.IntegerField(widget=forms.HiddenInput)
    scope = forms.CharField(widget=forms.HiddenInput)
    reason = forms.CharField(
        min_length=REASON_AT_LEAST,
        widget=forms.Textarea(attrs={"rows": 2, "cols": 60}),
        help_text="Why, in ten characters or more. It stays with the version for good.",
    )

    def __init__(self, *args: Any, standing: LimitSet, scope: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        held = values_of(standing, *([] if scope == "global" else [scope]))
        self.limit_set = held
        self.held: dict[str, Decimal] = {name: held[name] for name in LIMITS}
        for name, limit in LIMITS.items():
            loose = "higher is looser" if limit.higher_is_looser else "lower is looser"
            self.fields[name] = forms.DecimalField(
                label=f"{limit.title} ({limit.unit})",
                initial=self.held[name],
                max_digits=20,
                decimal_places=6,
                help_text=f"now {self.held[name]}; {loose}; {limit.severity}",
            )
        self.initial.update({"based_on": standing.version, "scope": scope})

    def changed_values(self) -> dict[str, Decimal]:
        """Only what differs from the value in force."""
        return {
            name: self.cleaned_data[name] for name in LIMITS if self.cleaned_data[name] != self.held[name]
        }

    def mark(self) -> str:
        """What a person confirms is exactly what was shown: the mark of these steps on that version."""
        return hashlib.sha256(repr((self.cleaned_data["based_on"], self.steps())).encode()).hexdigest()

    def steps(self) -> list[tuple[str, Decimal, Decimal, bool]]:
        """What would change: title, old, new, and whether that is looser."""
        then = Values(self.limit_set.version + 1, {**self.held, **self.changed_values()})
        changes = changes_between(self.limit_set, then)
        return [(LIMITS[one.name].title, one.old, one.new, one.looser) for one in changes]


class LimitSetAdmin(ReadOnlyAdmin):
    """Versions to read; the button above them makes the next one.

    Registered by the runbook: what a value would do to the plans that wait is known further up the road.
    """

    effect_of: Effect
    list_display = ["version", "made_at", "made_by", "reason", "told_changes"]
    ordering = ["-version"]
    change_list_template = "admin/risk/limitset/change_list.html"

    @admin.display(description="old → new")
    def told_changes(self, row: LimitSet) -> str:
        return "; ".join(f"{one['scope']} {one['name']}: {one['old']} → {one['new']}" for one in row.changes)

    def get_urls(self) -> list[Any]:
        own = path("next/", self.admin_site.admin_view(self.next_version), name="risk_limitset_next")
        return [own, *super().get_urls()]

    def next_version(self, request: HttpRequest) -> HttpResponse:
        """First the form, then the same form with old → new to be confirmed, then the version."""
        if not request.user.has_perm(CHANGE):
            raise PermissionDenied
        scope = request.POST.get("scope") or request.GET.get("scope") or "global"
        form = LimitsForm(request.POST or None, standing=limits_in_force(), scope=scope)
        if request.method == "POST" and form.is_valid():
            if not form.steps():
                form.add_error(None, "No value differs from the one in force.")
            elif request.POST.get("confirmed") == form.mark() and self._save(request, form):
                return HttpResponseRedirect(reverse("admin:risk_limitset_changelist"))
        steps = form.steps() if form.is_bound and form.is_valid() else []
        changed = form.changed_values() if steps else {}
        context = {
            **self.admin_site.each_context(request),
            "title": f"Next limits, based on version {limits_in_force().version}",
            "opts": self.opts,
            "form": form,
            "steps": steps,
            "effect": self.effect_of(changed, scope=scope, now=clock.now()) if steps else "",
            "looser": any(looser for *_, looser in steps),
            "scope": scope,
        }
        return TemplateResponse(request, "admin/risk/limitset/next.html", context)

    def _save(self, request: HttpRequest, form: LimitsForm) -> bool:
        values = form.cleaned_data
        try:
            asked = ask_limits(
                form.changed_values(),
                scope=values["scope"],
                actor=Actor("user", request.user.get_username()),
                reason=values["reason"],
                based_on=values["based_on"],
                now=clock.now(),
            )
        except LimitsRefused as refused:
            form.add_error(None, f"{refused.reason.code}: {refused.reason.text}")
            return False
        except NotAllowed as refused:
            form.add_error(None, f"{refused.code}: {refused}")
            return False
        messages.success(request, asked.told)
        return True


@admin.register(Verdict)
class VerdictAdmin(ReadOnlyAdmin):
    list_display = ["at", "subject_kind", "subject_id", "stage", "title", "measured", "limit", "outcome"]
    list_filter = ["outcome", "stage", "check_name"]


@admin.register(Reservation)
class ReservationAdmin(ReadOnlyAdmin):
    list_display = ["ticket_key", "account_code", "trading_day", "worst_case", "amount", "state"]
    list_filter = ["state", "trading_day"]


@admin.register(Stop)
class StopAdmin(ReadOnlyAdmin):
    list_display = ["scope", "key", "level", "epoch", "since", "by", "reason"]
