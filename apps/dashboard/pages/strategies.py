"""Strategies: how far each is trusted with each account, what it has shown, and under which grant it runs."""

from datetime import timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from apps.approvals.actions.give_grant import revoke_grants
from apps.approvals.queries import grant_value, standing_grant
from apps.dashboard.pages.answers import person
from apps.dashboard.shell import shell_of
from apps.desks.queries import enabled_accounts, strategies_with_phase
from apps.journal import clock
from apps.operators.pages.asking import asks, check_proof, fresh_proof
from apps.operators.ports import NotAllowed, SecondRefused
from apps.runbook.trust import ask_grant, ask_promotion, demote, evidence_of
from tradingdesk.domain.approvals import CRITERIA, Phase, evidence_problem, promotion_word, standing_problem
from tradingdesk.domain.money import Reason

STEPS = (Phase.CRAWL, Phase.WALK, Phase.RUN)


def _pairs(request: HttpRequest) -> list[dict[str, Any]]:
    shell = shell_of(request)
    accounts = [row for row in enabled_accounts() if shell.sees(row.code)]
    return [
        _pair(strategy, account, Phase(phase), shell)
        for account in accounts
        for strategy, phase in strategies_with_phase(account)
    ]


def _pair(strategy: Any, account: Any, phase: Phase, shell: Any) -> dict[str, Any]:
    at = STEPS.index(phase)
    further = STEPS[at + 1] if at + 1 < len(STEPS) else None
    grant = standing_grant(strategy.pk, account.pk)
    evidence = evidence_of(strategy, account)
    return {
        "key": f"{strategy.pk}-{account.pk}",
        "strategy": strategy,
        "account": account,
        "phase": phase.value,
        "evidence": evidence,
        "next": further.value if further else "",
        "criteria": CRITERIA.get(further) if further else None,
        "missing": evidence_problem(further, evidence) if further else None,
        "word": promotion_word(strategy.name, further) if further else "",
        "back": [step.value for step in STEPS[:at]],
        "grant": grant,
        "grant_problem": standing_problem(grant_value(grant), shell.now) if grant else None,
    }


@asks("see")
@require_GET
def strategies(request: HttpRequest) -> HttpResponse:
    context = {"pairs": _pairs(request), "needs_proof": not fresh_proof(request)}
    return render(request, "dashboard/strategies.html", context)


def _found(request: HttpRequest, key: str) -> dict[str, Any]:
    pair = next((row for row in _pairs(request) if row["key"] == key), None)
    if pair is None:
        raise Http404(f"there is no strategy {key}")
    return pair


def _proved(request: HttpRequest) -> bool:
    if fresh_proof(request) or check_proof(request, request.POST.get("proof", "")):
        return True
    messages.error(request, "That did not prove who you are. Nothing was changed.")
    return False


def _tell(request: HttpRequest, asked: Any, done: str) -> HttpResponse:
    if isinstance(asked, Reason):
        messages.error(request, f"Not done: {asked.text}. Nothing was changed.")
    else:
        messages.info(request, done)
    return redirect("strategies")


@asks("promote")
@require_POST
def promote(request: HttpRequest, key: str) -> HttpResponse:
    """A typed word and a proof only ask; another person decides."""
    pair = _found(request, key)
    if not pair["next"] or not _proved(request):
        return redirect("strategies")
    try:
        asked = ask_promotion(
            pair["strategy"],
            pair["account"],
            Phase(pair["next"]),
            typed=request.POST.get("word", ""),
            by=person(request),
            reason=request.POST.get("reason", ""),
            now=clock.now(),
        )
    except (SecondRefused, NotAllowed) as refused:
        return _tell(request, Reason(refused.code, str(refused)), "")
    return _tell(request, asked, "Asked. Another person has to confirm it before anything changes.")


@asks("demote")
@require_POST
def put_back(request: HttpRequest, key: str) -> HttpResponse:
    pair = _found(request, key)
    to = request.POST.get("phase", "")
    if to in pair["back"]:
        reason = request.POST.get("reason", "").strip() or "put back on its page"
        demote(
            pair["strategy"], pair["account"], Phase(to), by=person(request), reason=reason, now=clock.now()
        )
        messages.info(request, f"{pair['strategy'].name} is at {to} now. Its grants have ended.")
    return redirect("strategies")


@asks("grant")
@require_POST
def grant(request: HttpRequest, key: str) -> HttpResponse:
    pair, now = _found(request, key), clock.now()
    if not _proved(request):
        return redirect("strategies")
    try:
        hours = min(Decimal(request.POST.get("hours", "")), Decimal(24 * 31))
        cap = Decimal(request.POST.get("cap", "").replace(",", ""))
        ends_at = now + timedelta(hours=float(hours))
    except (InvalidOperation, ValueError, OverflowError):
        return _tell(request, Reason("GRANT_CAP_WRONG", "hours and sum must be numbers"), "")
    try:
        asked = ask_grant(
            pair["strategy"],
            pair["account"],
            ends_at=ends_at,
            cap=cap,
            by=person(request),
            reason=request.POST.get("reason", ""),
            now=now,
        )
    except (SecondRefused, NotAllowed) as refused:
        return _tell(request, Reason(refused.code, str(refused)), "")
    return _tell(request, asked, "Asked. The grant begins when another person confirms it.")


@asks("demote")
@require_POST
def revoke(request: HttpRequest, key: str) -> HttpResponse:
    pair = _found(request, key)
    ended = revoke_grants(pair["strategy"], pair["account"], actor=person(request), now=clock.now())
    messages.info(
        request, "The grant has ended; what had not left will not leave." if ended else "None stood."
    )
    return redirect("strategies")
