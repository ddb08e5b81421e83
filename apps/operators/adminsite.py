"""The admin's door: roles open it, not a flag on the user."""

from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from apps.operators.queries import standing_of

OPENED_BY = ("settings", "change_limits")


class DeskAdminSite(AdminSite):
    """What may be done behind the door each page asks again."""

    site_header = site_title = "Trading desk"
    index_title = "Settings and records"

    def login(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """There is one way in."""
        return redirect_to_login(request.GET.get("next", reverse("admin:index")))

    def has_permission(self, request: HttpRequest) -> bool:
        standing = standing_of(request.user)
        return any(standing.may(verb) for verb in OPENED_BY)
