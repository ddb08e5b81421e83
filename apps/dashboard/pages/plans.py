"""Plans: what came, what became of it, what was refused at the door."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from apps.approvals.actions.tighten_plan import tighten_plan
from apps.approvals.queries import may_be_tightened, request_of_plan, requests_of_plans
from apps.dashboard.pages.answers import person
from apps.dashboard.sharing import shared
from apps.dashboard.shell import Shell, shell_of
from apps.dashboard.templatetags.desk import whole
from apps.dashboard.whose import account_of_plan
from apps.dashboard.words import REQUEST_GLYPHS, sentence
from apps.journal import clock
from apps.operators.pages.asking import asks
from apps.plans.queries import all_lines, plan_of, quarantined, recent_plans
from apps.tickets.queries import entry_counts

INTAKE_TEXT = (
    "a file in the intake folder, an upload, or a call of the API; the same bytes twice are one plan"
)
UNASKED = {  # what became of a plan that nobody was asked about
    "received": "being judged",
    "nothing": "no line of it could be traded",
    "superseded": "a later plan of the day took its place before it was judged",
}


def _context(shell: Shell) -> dict[str, Any]:
    rows = [row for row in recent_plans() if shell.reaches(row.account.code)]
    asked, counts = requests_of_plans(row.pk for row in rows), entry_counts(row.pk for row in rows)
    told = [(row, outcome_of(row, asked.get(row.pk), counts.get(row.pk))) for row in rows]
    return {"plans": told, "quarantined": list(quarantined()), "intake_text": INTAKE_TEXT}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a plan: a shape, the word, and the rest of the sentence."""

    glyph: str
    word: str
    text: str
    request_id: int | None = None


def outcome_of(plan: Any, request: Any, counts: Mapping[str, int] | None) -> Outcome:
    if request is None:
        return Outcome("wait" if plan.state == "received" else "off", plan.state, UNASKED.get(plan.state, ""))
    if request.state == "proposed":
        return Outcome("", "to review", f"{whole(request.notional)} {plan.account.base_currency}", request.pk)
    by = f"by {request.decided_by}" if request.decided_by else ""
    if request.state == "approved" and counts:
        unknown = f", {counts['unknown']} UNKNOWN" if counts["unknown"] else ""
        text = f"{by}; {counts['filled']} of {counts['entries']} entries filled{unknown}"
        done = counts["filled"] == counts["entries"]
        return Outcome("done" if done else "part", request.state, text.removeprefix("; "), request.pk)
    why = request.reason or sentence(request.reason_code)
    text = ": ".join(part for part in (by, why) if part)
    return Outcome(REQUEST_GLYPHS.get(request.state, ""), request.state, text, request.pk)


@asks("see")
@require_GET
def plans(request: HttpRequest) -> HttpResponse:
    return render(request, "dashboard/plans.html", _context(shell_of(request)))


@asks("see")
@require_GET
@shared("plans", "review", "fills")
def rows(request: HttpRequest) -> HttpResponse:
    return render(request, "dashboard/_plans.html", _context(shell_of(request)))


@asks("see", account=account_of_plan)
@require_GET
def plan(request: HttpRequest, number: int) -> HttpResponse:
    found = plan_of(number)
    if found is None:
        raise Http404(f"there is no plan {number}")
    asked = request_of_plan(number)
    outcome = outcome_of(found, asked, entry_counts([number]).get(number))
    standing = shell_of(request).standing
    tighten = standing.may("demote", found.account.code) and may_be_tightened(found)
    context = {"plan": found, "lines": list(all_lines(number)), "outcome": outcome, "may_tighten": tighten}
    return render(request, "dashboard/plan.html", context)


@asks("demote", account=account_of_plan)
@require_POST
def tighten(request: HttpRequest, number: int) -> HttpResponse:
    """From now on a person stands before this plan, whatever its strategy is trusted with."""
    found = plan_of(number)
    if found is None:
        raise Http404(f"there is no plan {number}")
    reason = request.POST.get("reason", "").strip()[:200]
    if not reason:
        messages.error(request, "Nothing was changed: say why.")
    elif not may_be_tightened(found):
        messages.error(request, "Nothing was changed: it is decided, or a person stands before it already.")
    else:
        tighten_plan(found, "crawl", actor=person(request), reason=reason, now=clock.now())
        messages.info(request, f"Plan {number} is in crawl for good. Nothing of it leaves without a person.")
    asked = request_of_plan(number)
    return redirect("review-one", asked.pk) if asked is not None else redirect("plan", number)
