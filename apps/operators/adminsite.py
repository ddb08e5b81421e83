"""The admin's door: roles open it, not a flag on the user."""

import functools
from typing import Any

from allauth.account.internal.flows.reauthentication import suspend_request
from django.conf import settings
from django.contrib.admin import AdminSite
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from apps.operators.pages.asking import fresh_proof
from apps.operators.queries import standing_of

OPENED_BY = ("settings", "change_limits")
LOOKING = ("GET", "HEAD", "OPTIONS")


class DeskAdminSite(AdminSite):
    """What may be done behind the door each page asks again."""

    site_header = site_title = "Trading desk"
    index_title = "Settings and records"

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        return super().each_context(request) | {"icon": f"desk/icon-{settings.MODE}.svg"}

    def login(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """There is one way in."""
        return redirect_to_login(request.GET.get("next", reverse("admin:index")))

    def has_permission(self, request: HttpRequest) -> bool:
        standing = standing_of(request.user)
        return any(standing.may(verb) for verb in OPENED_BY)

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """Whatever is changed here wants the proof that an approval wants; what was sent is done after it."""
        asked = super().admin_view(view, cacheable)
        if view == self.logout:
            return asked

        @functools.wraps(asked)
        def proved_first(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            if request.method not in LOOKING and self.has_permission(request) and not fresh_proof(request):
                return suspend_request(request, reverse("account_reauthenticate"))
            return asked(request, *args, **kwargs)

        return proved_first
