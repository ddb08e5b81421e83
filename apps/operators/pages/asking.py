"""What each page asks of a person before it answers, and the proof that it is still that person."""

import time
from collections.abc import Callable
from typing import Any, TypeVar

from django.contrib.auth.models import User
from django.http import HttpRequest

from apps.operators.actions.prove_person import prove_person
from apps.operators.ports import VERBS

# Beside the verbs: a page for everybody, and a page for whoever is logged in, whatever they may do.
ANYBODY, ONESELF = "anybody", "oneself"
PROOF_SECONDS = 300
PROVED_AT, PROVED_BY = "proved_at", "proved_by"

View = TypeVar("View", bound=Callable[..., Any])
AccountOf = Callable[..., str | None]


def asks(verb: str, *, account: AccountOf | None = None, enrolling: bool = False) -> Callable[[View], View]:
    """Declare what a view asks. `account` finds the account that the address is about, from its parts;
    `enrolling` views are open before a second factor is set up."""
    if verb not in VERBS and verb not in (ANYBODY, ONESELF):
        raise ValueError(f"there is no verb {verb!r}")

    def declared(view: View) -> View:
        view.asks = verb  # type: ignore[attr-defined]
        view.asks_account = account  # type: ignore[attr-defined]
        view.asks_no_factor = enrolling  # type: ignore[attr-defined]
        return view

    return declared


def fresh_proof(request: HttpRequest) -> bool:
    """Whether the person at this session proved who they are in the last five minutes of the wall's time."""
    proved = request.session.get(PROVED_AT, 0)
    return bool(0 <= time.time() - proved <= PROOF_SECONDS)


def check_proof(request: HttpRequest, typed: str) -> bool:
    """Whether what was typed, or signed by a passkey, proves it; the session is fresh from then on."""
    user = request.user
    method = prove_person(request, user, typed[:20_000]) if isinstance(user, User) and typed else ""
    if method:
        mark_proved(request, method)
    return bool(method)


def mark_proved(request: HttpRequest, method: str = "login") -> None:
    request.session[PROVED_AT], request.session[PROVED_BY] = time.time(), method


def proved_by(request: HttpRequest) -> str:
    """How the last proof was given: login, password, code or passkey."""
    return str(request.session.get(PROVED_BY, ""))
