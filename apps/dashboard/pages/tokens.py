"""Tokens of programs: made here, shown once, kept as a hash, withdrawn at once."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from apps.dashboard.pages.answers import person
from apps.desks.queries import enabled_accounts, strategy_names
from apps.journal import clock
from apps.operators.actions.issue_token import issue_token, revoke_token
from apps.operators.pages.asking import asks, check_proof, fresh_proof
from apps.operators.ports import SCOPES, NotAllowed, TokenRefused
from apps.operators.queries import token_numbered, tokens

DAYS = (7, 30, 90, 365)


def _context(request: HttpRequest) -> dict[str, Any]:
    now = clock.now()
    rows = [{"row": row, "state": _state(row, now)} for row in tokens()]
    return {
        "tokens": rows,
        "scopes": SCOPES,
        "strategies": strategy_names(),
        "account_choices": [(row.code, row.masked()) for row in enabled_accounts()],
        "days": DAYS,
        "needs_proof": not fresh_proof(request),
    }


def _state(row: Any, now: Any) -> str:
    if row.revoked_at:
        return "withdrawn"
    return "expired" if row.expires_at <= now else "good"


@asks("manage_tokens")
@never_cache
@require_GET
def token_list(request: HttpRequest) -> HttpResponse:
    return render(request, "dashboard/tokens.html", _context(request))


@asks("manage_tokens")
@never_cache
@require_POST
def issue(request: HttpRequest) -> HttpResponse:
    """The words stand on the answer to this very request and nowhere else."""
    if not fresh_proof(request) and not check_proof(request, request.POST.get("proof", "")):
        messages.error(request, "That did not prove who you are. No token was made.")
        return redirect("tokens")
    days = request.POST.get("days", "")
    try:
        issued = issue_token(
            request.POST.get("name", "").strip()[:60],
            scopes=request.POST.getlist("scope"),
            actor=person(request),
            strategy=request.POST.get("strategy", "")[:60],
            account=request.POST.get("account", "")[:20],
            good_for=timedelta(days=int(days) if days.isdecimal() and int(days) in DAYS else DAYS[1]),
        )
    except (TokenRefused, NotAllowed) as refused:
        messages.error(request, f"No token was made: {refused}.")
        return redirect("tokens")
    return render(request, "dashboard/tokens.html", _context(request) | {"issued": issued})


@asks("manage_tokens")
@require_POST
def revoke(request: HttpRequest, number: int) -> HttpResponse:
    token = token_numbered(number)
    if token is None:
        raise Http404(f"there is no token {number}")
    revoke_token(token, actor=person(request), reason=request.POST.get("reason", "").strip()[:200])
    messages.info(request, f"{token.name} opens nothing any more.")
    return redirect("tokens")
