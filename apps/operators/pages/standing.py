"""What templates may ask: `may.approve`, `may.cancel`, …; a page shows only what its reader may press."""

from typing import Any

from django.http import HttpRequest

from apps.operators.ports import Standing


def standing(request: HttpRequest) -> dict[str, Any]:
    """The context processor. The middleware read the tables a moment ago, for this request alone."""
    held: Standing = getattr(request, "standing", None) or Standing()
    return {"may": dict.fromkeys(held.verbs, True), "roles": held.roles, "proof_kind": "password"}
