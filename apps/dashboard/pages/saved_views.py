"""Views of a table that a person has named: kept, opened by their address, and forgotten."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from apps.dashboard.blotter import Filter
from apps.dashboard.pages.answers import person
from apps.operators.actions.save_view import ViewRefused, forget_view, save_view
from apps.operators.pages.asking import ONESELF, asks
from apps.operators.queries import views_of

# page → what of its address may be kept
KEPT: dict[str, Callable[[QueryDict], dict[str, str]]] = {
    "orders": lambda asked: Filter.of(asked).query,
    "journal": lambda asked: {"q": str(asked["q"])[:120]} if asked.get("q") else {},
}


@asks(ONESELF)
@require_POST
def keep(request: HttpRequest, page: str) -> HttpResponse:
    """Named again, a view is what is shown now."""
    query = urlencode(_kept(page)(QueryDict(request.POST.get("query", "")[:500])))
    assert isinstance(request.user, User)
    try:
        row = save_view(request.user, page, request.POST.get("name", ""), query, actor=person(request))
    except ViewRefused as refused:
        messages.error(request, str(refused))
    else:
        messages.info(request, f"Kept as {row.name}.")
    return redirect(f"{reverse(page)}?{query}")


@asks(ONESELF)
@require_POST
def forget(request: HttpRequest, page: str) -> HttpResponse:
    _kept(page)
    assert isinstance(request.user, User)
    name = request.POST.get("name", "")
    gone = forget_view(request.user, page, name, actor=person(request))
    messages.info(request, f"{name} is forgotten." if gone else "There is no view of that name.")
    return redirect(page)


def views_context(request: HttpRequest, page: str, query: str) -> dict[str, Any]:
    """What a page needs to show its views, and to keep another one."""
    assert isinstance(request.user, User)
    return {"views": views_of(request.user, page), "views_page": page, "view_query": query}


def _kept(page: str) -> Callable[[QueryDict], dict[str, str]]:
    if page not in KEPT:
        raise Http404("This page keeps no views.")
    return KEPT[page]
