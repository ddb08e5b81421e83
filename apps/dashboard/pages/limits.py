"""Change limits: the values of one scope, what differs, what it would do, and who has to say yes."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from apps.dashboard.pages.answers import person
from apps.dashboard.stops import Scope, all_scopes
from apps.dashboard.templatetags.desk import quantity
from apps.journal import clock
from apps.operators.pages.asking import asks, check_proof, fresh_proof
from apps.operators.ports import NotAllowed, SecondRefused
from apps.risk.actions.ask_limits import ask_limits
from apps.risk.actions.change_limits import REASON_AT_LEAST, LimitsRefused, values_of
from apps.risk.queries import limits_in_force
from apps.runbook.limiting import effect_of_limits
from tradingdesk.domain.money.numbers import NumberRefused, finite
from tradingdesk.domain.risk import LIMITS, LimitSet, changes_between


@dataclass(frozen=True, slots=True)
class Field:
    name: str
    title: str
    value: str
    typed: str
    kind: str
    looser: str
    wrong: str = ""


@asks("change_limits")
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest) -> HttpResponse:
    """First the fields, then the same with old → new and its effect, then the act."""
    sent = request.POST if request.method == "POST" else request.GET
    scope = sent.get("scope") or "global"
    standing = limits_in_force()
    held = values_of(standing, *([] if scope == "global" else [scope]))
    fields, values = _read(request, held)
    context = _context(request, scope, standing.version, fields)
    if request.method == "POST" and not any(field.wrong for field in fields):
        changed = {name: value for name, value in values.items() if value != held[name]}
        if request.POST.get("act") == "do":
            return _do(request, changed, scope)
        context |= _steps(held, changed, scope)
    return render(request, "dashboard/limits.html", context)


def _context(request: HttpRequest, scope: str, version: int, fields: list[Field]) -> dict[str, Any]:
    return {
        "scope": scope,
        "scopes": [Scope("global", "Global"), *all_scopes()[1:]],
        "fields": fields,
        "based_on": request.POST.get("based_on") or version,
        "reason": request.POST.get("reason", ""),
        "reason_at_least": REASON_AT_LEAST,
        "needs_proof": not fresh_proof(request),
    }


def _read(request: HttpRequest, held: LimitSet) -> tuple[list[Field], dict[str, Decimal]]:
    fields, values = [], {}
    for name, limit in LIMITS.items():
        standing = quantity(held[name]).replace(",", "").replace("\N{MINUS SIGN}", "-")
        typed = request.POST.get(name, standing).strip()
        number = _number(typed)
        if number is not None:
            values[name] = number
        fields.append(
            Field(
                name=name,
                title=f"{limit.title} ({limit.unit})" if limit.is_switch else limit.title,
                value=limit.told(quantity(held[name])),
                typed=typed,
                kind="hard" if limit.severity == "hard" else "caution",
                looser="higher is looser" if limit.higher_is_looser else "lower is looser",
                wrong="" if number is not None else "This is no number.",
            )
        )
    return fields, values


def _number(typed: str) -> Decimal | None:
    try:
        return finite(typed)
    except NumberRefused:
        return None


def _steps(held: LimitSet, changed: dict[str, Decimal], scope: str) -> dict[str, Any]:
    """Old → new, the change in per cent, and what it does to the plans that wait."""
    after = LimitSet(held.version + 1, {**held.values, **changed})
    steps = [
        {
            "title": LIMITS[one.name].title,
            "old": quantity(one.old),
            "new": quantity(one.new),
            "percent": f"{(one.new - one.old) / abs(one.old) * 100:+.1f} %" if one.old else "",
            "looser": one.looser,
        }
        for one in changes_between(held, after)
    ]
    return {
        "steps": steps,
        "looser": any(step["looser"] for step in steps),
        "effect": effect_of_limits(changed, scope=scope, now=clock.now()).told if steps else "",
        "unchanged": not steps,
    }


def _do(request: HttpRequest, changed: dict[str, Decimal], scope: str) -> HttpResponse:
    back = redirect(f"{request.path}?scope={scope}")
    if not fresh_proof(request) and not check_proof(request, request.POST.get("proof", "")):
        messages.error(request, "That did not prove who you are. No limit was changed.")
        return back
    based_on = request.POST.get("based_on", "")
    try:
        asked = ask_limits(
            changed,
            scope=scope,
            actor=person(request),
            reason=request.POST.get("reason", ""),
            based_on=int(based_on) if based_on.isdecimal() else 0,
            now=clock.now(),
        )
    except (LimitsRefused, NotAllowed, SecondRefused) as refused:
        messages.error(request, f"No limit was changed: {refused}.")
        return back
    messages.info(request, asked.told)
    return redirect("seconds" if asked.second else "risk")
