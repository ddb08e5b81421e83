"""`POST /api/v1/plans`: a program hands in a plan's file. A token opens it; a login does not."""

from http import HTTPStatus
from typing import Any

import structlog
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from apps.desks.models import Phase
from apps.journal import clock
from apps.journal.ports import Actor
from apps.operators.actions.issue_token import token_of
from apps.operators.models import Token
from apps.operators.pages.asking import ANYBODY, asks
from apps.plans.models import Plan
from apps.runbook.daily import FED_BY_FILES
from apps.runbook.intake import Taken, bare_name, refuse_unread, size_problem, take_file

log = structlog.get_logger(__name__)

SCOPE = "plans:submit"
REASONS = {
    "API_TOKEN_MISSING": "The request carries no token: Authorization: Bearer TOKEN.",
    "API_TOKEN_REFUSED": "The token is unknown, expired or withdrawn.",
    "API_SCOPE_MISSING": "The token may not do this, or not for this strategy or account.",
    "API_TARGET_UNCLEAR": "It is not clear which strategy and account the plan is for.",
    "API_LENGTH_MISSING": "The request does not say how long its body is.",
    "API_NAME_MISSING": "The request does not name the file.",
}


class Refusal(Exception):
    """The request goes no further; nothing was read or stored."""

    def __init__(self, status: HTTPStatus, code: str, text: str) -> None:
        super().__init__(text)
        self.status, self.code, self.text = status, code, text


@asks(ANYBODY)
@csrf_exempt
@login_not_required
@never_cache
@require_POST
def submit_plan(request: HttpRequest) -> JsonResponse:
    """201 a new plan, 200 the plan these bytes are already, 422 quarantined with every problem."""
    try:
        token = _token(request)
        phase = _phase(request, token)
        name = _file_name(request)
        return _answer(_take(request, name, token, phase))
    except Refusal as refusal:
        log.warning(
            "api_refused", code=refusal.code, path=request.path, peer=request.META.get("REMOTE_ADDR", "")
        )
        answer = JsonResponse({"code": refusal.code, "message": refusal.text}, status=refusal.status)
        if refusal.status is HTTPStatus.UNAUTHORIZED:
            answer["WWW-Authenticate"] = "Bearer"
        return answer


def _token(request: HttpRequest) -> Token:
    kind, _, words = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer" or not words.strip():
        raise Refusal(HTTPStatus.UNAUTHORIZED, "API_TOKEN_MISSING", "send Authorization: Bearer TOKEN")
    token = token_of(words.strip())
    if token is None:
        raise Refusal(HTTPStatus.UNAUTHORIZED, "API_TOKEN_REFUSED", "this token opens nothing")
    if SCOPE not in token.scopes:
        raise Refusal(HTTPStatus.FORBIDDEN, "API_SCOPE_MISSING", f"the token lacks the scope {SCOPE}")
    return token


def _phase(request: HttpRequest, token: Token) -> Phase:
    """The strategy and account that the address names, or the only ones the token may act for."""
    strategy = request.GET.get("strategy") or token.strategy
    account = request.GET.get("account") or token.account
    if (token.strategy and strategy != token.strategy) or (token.account and account != token.account):
        raise Refusal(
            HTTPStatus.FORBIDDEN, "API_SCOPE_MISSING", "the token is for another strategy or account"
        )
    rows = Phase.objects.filter(strategy__system=FED_BY_FILES, account__enabled=True)
    rows = rows.filter(**({"strategy__name": strategy} if strategy else {}))
    found = list(rows.filter(**({"account__code": account} if account else {})).select_related()[:2])
    if len(found) != 1:
        raise Refusal(
            HTTPStatus.NOT_FOUND, "API_TARGET_UNCLEAR", "name one: /api/v1/plans?strategy=NAME&account=CODE"
        )
    return found[0]


def _file_name(request: HttpRequest) -> str:
    name = bare_name(request.headers.get("X-File-Name") or request.GET.get("file_name", ""))
    if not name:
        raise Refusal(HTTPStatus.BAD_REQUEST, "API_NAME_MISSING", "send X-File-Name or ?file_name=")
    return name


def _take(request: HttpRequest, name: str, token: Token, phase: Phase) -> Taken:
    told = request.headers.get("Content-Length", "")
    if not told.isdigit():
        raise Refusal(HTTPStatus.LENGTH_REQUIRED, "API_LENGTH_MISSING", "send a Content-Length")
    door: dict[str, Any] = {
        "source": "api",
        "author": token.name,
        "now": clock.now(),
        "actor": Actor("token", token.name),
    }
    problem = size_problem(int(told))
    if problem is not None:
        return refuse_unread(name, problem, size=int(told), **door)
    return take_file(request.body, name, strategy=phase.strategy, account=phase.account, **door)


def _answer(taken: Taken) -> JsonResponse:
    told: dict[str, Any] = {"outcome": taken.outcome, "problems": list(taken.told)}
    if taken.plan is not None:
        told["plan"] = _plan(taken.plan)
    if taken.quarantine is not None:
        told["quarantine"] = taken.quarantine.pk
    too_large = any(problem.code == "FILE_TOO_LARGE" for problem in taken.problems)
    refused = HTTPStatus.REQUEST_ENTITY_TOO_LARGE if too_large else HTTPStatus.UNPROCESSABLE_ENTITY
    status = {"accepted": HTTPStatus.CREATED, "known": HTTPStatus.OK}.get(taken.outcome, refused)
    return JsonResponse(told, status=status)


def _plan(plan: Plan) -> dict[str, Any]:
    return {
        "id": plan.pk,
        "state": plan.state,
        "trading_day": plan.trading_day,
        "version": plan.version,
        "received_at": plan.received_at,
        "lines": plan.lines.count(),
    }
