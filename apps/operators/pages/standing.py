"""What templates may ask: `may.approve`, `may.cancel`, …; a page shows only what its reader may press."""

from typing import Any

from django.http import HttpRequest

from apps.operators.ports import Standing
from apps.operators.queries import factors_of, must_enrol


def standing(request: HttpRequest) -> dict[str, Any]:
    """The context processor. The middleware read the tables a moment ago, for this request alone."""
    held: Standing = getattr(request, "standing", None) or Standing()
    return {
        "may": dict.fromkeys(held.verbs, True),
        "roles": held.roles,
        "proof_kind": lambda: _kind(request),
        "proof_passkey": lambda: "webauthn" in _factors(request),
        "must_enrol": lambda: must_enrol(request.user),
    }


def _factors(request: HttpRequest) -> frozenset[str]:
    return factors_of(request.user) if request.user.is_authenticated else frozenset()


def _kind(request: HttpRequest) -> str:
    """What the proof's field takes: the password, an authenticator's code, or beside a passkey the list."""
    factors = _factors(request)
    return "password" if not factors else "code" if "totp" in factors else "list"
