"""Nobody passes who may not: every view declares what it asks, and one that declares nothing is shut."""

import time
from collections.abc import Callable
from typing import Any

import structlog
from allauth.usersessions.models import UserSession
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from apps.journal.actions.write_entry import write_entry
from apps.journal.ports import Actor, Subject
from apps.operators.pages.asking import ANYBODY, ONESELF
from apps.operators.pages.strangers import asked_of_strangers
from apps.operators.ports import VERBS, Standing
from apps.operators.queries import must_enrol, standing_of

log = structlog.get_logger(__name__)
NOTED_AT, NOTE_SECONDS = "noted_at", 60
SAFE = ("GET", "HEAD", "OPTIONS")


class AskFirst:
    """Stands behind the login: reads what the person may do, anew for each request."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.standing = Standing()  # type: ignore[attr-defined]
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        verb = getattr(view, "asks", None) or asked_of_strangers(request.resolver_match)
        if verb is None:
            log.error("view_asks_nothing", path=request.path[:200])
            raise PermissionDenied("This page does not say whom it is for, so it is for nobody.")
        user = request.user
        if verb == ANYBODY and not user.is_authenticated:
            return None
        request.standing = standing_of(user)  # type: ignore[attr-defined]
        _note_session(request)
        if must_enrol(user) and not getattr(view, "asks_no_factor", False):
            return redirect("mfa_activate_totp")
        if verb in (ANYBODY, ONESELF):
            return None
        find = getattr(view, "asks_account", None)
        account = (find(**kwargs) if find else "") or ""
        if not request.standing.may(verb, account):  # type: ignore[attr-defined]
            _note(request, verb, account)
            raise PermissionDenied(_why(request.standing, verb, account))  # type: ignore[attr-defined]
        return None


def _note_session(request: HttpRequest) -> None:
    """Once a minute: from where, with what, and when a session was last used."""
    session = request.session
    if request.user.is_authenticated and time.time() - session.get(NOTED_AT, 0) > NOTE_SECONDS:
        session[NOTED_AT] = time.time()
        UserSession.objects.create_from_request(request)


def _why(standing: Standing, verb: str, account: str) -> str:
    if not standing.roles:
        return "Nobody has given you a role yet. Ask an administrator of this desk."
    if account and standing.may(verb):
        return "This account is not one of yours."
    return f"Your role does not let you {VERBS[verb]}."


def _note(request: HttpRequest, verb: str, account: str) -> None:
    """A refused look is logged; a refused act stands in the journal."""
    name = request.user.get_username()
    log.warning("not_allowed", person=name, verb=verb, path=request.path[:200], method=request.method)
    if request.method in SAFE:
        return
    with transaction.atomic():
        write_entry(
            "refuse_person",
            subject=Subject("operators.page", request.path[:80]),
            actor=Actor("user", name),
            account=account,
            reason_code="PERSON_MAY_NOT",
            reason=verb,
        )
