"""Plans: what came, what became of it, what was refused at the door."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from apps.approvals.queries import request_of_plan
from apps.dashboard.whose import account_of_plan
from apps.operators.pages.asking import asks
from apps.plans.queries import all_lines, plan_of, quarantined, recent_plans

INTAKE_TEXT = (
    "a file in the intake folder, an upload, or a call of the API; the same bytes twice are one plan"
)


def _context() -> dict[str, Any]:
    return {"plans": list(recent_plans()), "quarantined": list(quarantined()), "intake_text": INTAKE_TEXT}


@asks("see")
@require_GET
def plans(request: HttpRequest) -> HttpResponse:
    return render(request, "dashboard/plans.html", _context())


@asks("see")
@require_GET
def rows(request: HttpRequest) -> HttpResponse:
    return render(request, "dashboard/_plans.html", _context())


@asks("see", account=account_of_plan)
@require_GET
def plan(request: HttpRequest, number: int) -> HttpResponse:
    found = plan_of(number)
    if found is None:
        raise Http404(f"there is no plan {number}")
    asked = request_of_plan(number)
    context = {"plan": found, "lines": list(all_lines(number)), "request_id": asked.pk if asked else None}
    return render(request, "dashboard/plan.html", context)
