"""People and sessions: who may come in, as what, for which accounts, and who is in right now."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from apps.dashboard.pages.answers import person
from apps.desks.queries import enabled_accounts
from apps.operators.actions.end_sessions import end_sessions
from apps.operators.actions.offer_welcome import offer_welcome
from apps.operators.actions.set_person import let_in_again, make_person, set_person, shut_out
from apps.operators.pages.asking import asks, check_proof, fresh_proof
from apps.operators.ports import ROLE_TEXTS, NotAllowed, PersonRefused, Standing
from apps.operators.queries import Person, people, person_named

FACTORS = (("totp", "authenticator"), ("webauthn", "passkey"))
UNPROVED = "That did not prove who you are. Nothing was changed."


def _context(request: HttpRequest) -> dict[str, Any]:
    accounts = [(row.code, row.masked()) for row in enabled_accounts()]
    return {
        "people": [_row(found, dict(accounts), request) for found in people()],
        "role_texts": ROLE_TEXTS,
        "account_choices": [(Standing.EVERY_ACCOUNT, "every account"), *accounts],
        "needs_proof": not fresh_proof(request),
    }


def _row(found: Person, masked: dict[str, str], request: HttpRequest) -> dict[str, Any]:
    return {
        "person": found,
        "name": found.user.username,
        "active": found.user.is_active,
        "roles": found.standing.roles,
        "accounts": found.standing.accounts,
        "accounts_text": ", ".join(
            "every" if code == Standing.EVERY_ACCOUNT else masked.get(code, code)
            for code in sorted(found.standing.accounts)
        ),
        "factors": ", ".join(
            title
            for kind, title in (("totp", "authenticator"), ("webauthn", "passkey"))
            if kind in found.factors
        ),
        "last_seen": found.last_seen,
        "sessions": found.sessions,
        "oneself": found.user.pk == request.user.pk,
    }


@asks("manage_people")
@never_cache
@require_GET
def people_list(request: HttpRequest) -> HttpResponse:
    return render(request, "dashboard/people.html", _context(request))


def _proved(request: HttpRequest) -> bool:
    if fresh_proof(request) or check_proof(request, request.POST.get("proof", "")):
        return True
    messages.error(request, UNPROVED)
    return False


def _chosen(request: HttpRequest) -> dict[str, Any]:
    return {
        "roles": request.POST.getlist("role"),
        "accounts": request.POST.getlist("account"),
        "reason": request.POST.get("reason", "").strip()[:200],
        "actor": person(request),
    }


@asks("manage_people")
@never_cache
@require_POST
def make(request: HttpRequest) -> HttpResponse:
    """A new person, and the link that is shown once."""
    if not _proved(request):
        return redirect("people")
    try:
        made = make_person(request.POST.get("name", "").strip(), **_chosen(request))
        path = offer_welcome(made, actor=person(request))
    except (PersonRefused, NotAllowed) as refused:
        messages.error(request, f"Nobody was made: {refused}.")
        return redirect("people")
    return _with_link(request, made.username, path)


def _with_link(request: HttpRequest, name: str, path: str) -> HttpResponse:
    link = {"name": name, "address": f"{settings.PUBLIC_URL}{path}"}
    return render(request, "dashboard/people.html", _context(request) | {"link": link})


@asks("manage_people")
@never_cache
@require_POST
def act(request: HttpRequest, name: str, deed: str) -> HttpResponse:
    """One deed for one person; what cannot be done is said, and changes nothing."""
    found = person_named(name)
    if found is None or deed not in DEEDS:
        raise Http404("there is no such person or deed")
    if not _proved(request):
        return redirect("people")
    try:
        answer = DEEDS[deed](request, found)
    except (PersonRefused, NotAllowed) as refused:
        messages.error(request, f"Not done: {refused}. Nothing was changed.")
        return redirect("people")
    return answer or redirect("people")


def _set(request: HttpRequest, found: Person) -> None:
    set_person(found.user, **_chosen(request))
    messages.info(request, f"{found.user.username}: saved. It holds from this moment, on open screens too.")


def _shut_out(request: HttpRequest, found: Person) -> None:
    shut_out(found.user, actor=person(request), reason=request.POST.get("reason", "").strip()[:200])
    messages.info(request, f"{found.user.username} is shut out; every session has ended.")


def _let_in(request: HttpRequest, found: Person) -> None:
    let_in_again(found.user, actor=person(request), reason=request.POST.get("reason", "").strip()[:200])
    messages.info(request, f"{found.user.username} may come in again.")


def _end(request: HttpRequest, found: Person) -> None:
    number = end_sessions(found.user, actor=person(request), but=_own_key(request, found))
    messages.info(request, f"{found.user.username}: {number} ended.")


def _own_key(request: HttpRequest, found: Person) -> str:
    """Nobody ends the session they are pressing in by this; there is a way out for that."""
    return request.session.session_key or "" if found.user.pk == request.user.pk else ""


def _link(request: HttpRequest, found: Person) -> HttpResponse:
    lost = request.POST.get("lost_phone") == "on"
    reason = request.POST.get("reason", "").strip()[:200]
    path = offer_welcome(found.user, actor=person(request), reason=reason, lost_phone=lost)
    return _with_link(request, found.user.username, path)


DEEDS: dict[str, Any] = {
    "set": _set, "shut-out": _shut_out, "let-in": _let_in, "end-sessions": _end, "link": _link,
}  # fmt: skip
