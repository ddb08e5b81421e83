"""Pages for what did not work: what happened, what did not, what to do, and a number to find it by."""

import secrets
from typing import Any

import structlog
from django.db import Error, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string

from apps.journal.actions.write_entry import write_entry
from apps.journal.ports import Actor, Subject

REASONS = {"PAGE_FAILED": "A page failed; what it was asked to do was undone."}

log = structlog.get_logger(__name__)


def _told(request: HttpRequest, status: int, title: str, text: str) -> HttpResponse:
    if getattr(request, "htmx", False):
        return HttpResponse(f"{title} {text}", status=status, content_type="text/plain")
    context = {"error": {"title": title, "text": text, "status": status}}
    if getattr(request, "user", None) is not None and request.user.is_authenticated:
        return render(request, "dashboard/error.html", context, status=status)
    return HttpResponse(render_to_string("dashboard/error_plain.html", context), status=status)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _told(request, 404, "There is no such page.", "Nothing was changed and no order was sent.")


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    text = f"{exception} Nothing was changed and no order was sent.".strip()
    return _told(request, 403, "That is not allowed.", text)


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    text = (
        "The form is too old or came from elsewhere. Nothing was changed and no order was sent. Load it anew."
    )
    return _told(request, 403, "The form was not taken.", text)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _told(request, 400, "The request could not be read.", "Nothing was changed and no order was sent.")


def failed(request: HttpRequest) -> HttpResponse:
    """Every change is one transaction: what failed was undone. The number stands in the journal."""
    number = f"E-{secrets.token_hex(2)}-{secrets.token_hex(2)}".upper()
    log.error("page_failed", error_id=number, path=request.path, exc_info=True)
    _keep(request, number)
    acted = request.method not in ("GET", "HEAD")
    text = "What you asked for was undone; no order was sent by it." if acted else "Nothing was changed."
    context: dict[str, Any] = {
        "error": {"title": "The page failed.", "text": text, "status": 500, "id": number}
    }
    answer = HttpResponse(render_to_string("dashboard/error_plain.html", context), status=500)
    answer["X-Error-Id"] = number
    return answer


def _keep(request: HttpRequest, number: str) -> None:
    """In the journal, if the database still answers."""
    try:
        user = getattr(request, "user", None)
        name = user.get_username() if user is not None and user.is_authenticated else ""
        with transaction.atomic():
            write_entry(
                "page_failed",
                subject=Subject("dashboard.page", request.path[:80]),
                actor=Actor("user", name) if name else Actor("system", "web"),
                reason_code="PAGE_FAILED",
                reason=number,
                request_id=number,
            )
    except Error as lost:
        log.warning("page_failed_not_journalled", error_id=number, error=str(lost))
