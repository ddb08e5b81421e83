"""How an act is answered: the fragment where a script asked, else back to the page with a message."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from apps.journal.ports import Actor


def person(request: HttpRequest) -> Actor:
    """The logged-in person as the journal names them."""
    return Actor("user", request.user.get_username())


def is_fragment(request: HttpRequest) -> bool:
    return bool(getattr(request, "htmx", False))


def back(request: HttpRequest, address: str, notice: Any = None) -> HttpResponse:
    """For a browser without scripts: the page again, with what happened on top."""
    if notice is not None:
        messages.info(request, f"{notice.title} {notice.text}".strip())
    return redirect(address)
