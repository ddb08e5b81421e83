"""Contracts, sessions and what was asked of the broker, to read; other hours of one day, to set."""

from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.contrib import admin
from django.http import HttpRequest

from apps.desks.admin import person
from apps.journal import clock
from apps.journal.admin import ReadOnlyAdmin
from apps.market.actions.override_session import lift_override, override_problem, override_session
from apps.market.models import Contract, LastQuote, Lookup, Session, SessionOverride

EXCHANGE = ZoneInfo("America/New_York")


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


def _calendars() -> list[tuple[str, str]]:
    """Those that the desk has; where there are several, none is chosen by itself."""
    names = Session.objects.order_by("calendar").values_list("calendar", flat=True).distinct()
    return [*([("", "---------")] if len(names) > 1 else []), *((name, name) for name in names)]


class OverrideForm(forms.ModelForm):  # type: ignore[type-arg]
    """Times are the exchange's own; without either the exchange stays shut that day."""

    calendar = forms.ChoiceField(choices=_calendars)
    opens = forms.TimeField(required=False, help_text="New York's time; empty: as the calendar says")
    closes = forms.TimeField(required=False, help_text="New York's time; empty: as the calendar says")
    shut = forms.BooleanField(required=False, help_text="the exchange does not open at all")

    class Meta:
        model = SessionOverride
        fields = ("calendar", "day", "reason")

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if self.errors:
            return values
        day, times = values["day"], (values.get("opens"), values.get("closes"))
        if values.get("shut") is any(times):
            raise forms.ValidationError("say either other hours, or that the exchange stays shut")
        values["open_at"], values["close_at"] = (_moment(day, one) for one in times)
        session = Session.objects.filter(calendar=values["calendar"], day=day).first()
        standing = SessionOverride.objects.filter(calendar=values["calendar"], day=day, lifted_at=None)
        hours = {name: values[name] for name in ("open_at", "close_at", "reason")}
        problem = override_problem(session, standing=standing.exists(), **hours)
        if problem is not None:
            raise forms.ValidationError(problem.text, code=problem.code)
        return values


class LiftForm(forms.ModelForm):  # type: ignore[type-arg]
    take_back = forms.BooleanField(help_text="the calendar's hours are in force again")

    class Meta:
        model = SessionOverride
        fields = ()


def _moment(day: Any, told: time | None) -> datetime | None:
    return None if told is None else datetime.combine(day, told, EXCHANGE)


@admin.register(SessionOverride)
class SessionOverrideAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Saved by the action, taken back by the other one, never deleted."""

    actions = None
    list_display = ["calendar", "day", "open_at", "close_at", "reason", "by", "made_at", "lifted_at"]
    list_filter = ["calendar"]

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        return super().get_form(request, obj, change, form=LiftForm if obj else OverrideForm, **kwargs)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        names = ["take_back"] if obj else ["calendar", "day", "opens", "closes", "shut", "reason"]
        return [(None, {"fields": names})]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        gone = obj is not None and obj.lifted_at is not None
        return super().has_change_permission(request, obj) and not gone

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if change:
            lift_override(obj.pk, actor=person(request), now=clock.now())
            return
        told = {name: form.cleaned_data[name] for name in ("open_at", "close_at", "reason")}
        row = override_session(obj.calendar, obj.day, actor=person(request), now=clock.now(), **told)
        obj.pk = row.pk
