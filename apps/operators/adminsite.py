"""The admin's door: roles open it, not a flag on the user."""

from django.contrib.admin import AdminSite
from django.http import HttpRequest

from apps.operators.queries import standing_of

OPENED_BY = ("settings", "change_limits")


class DeskAdminSite(AdminSite):
    """What may be done behind the door each page asks again."""

    site_header = site_title = "Trading desk"
    index_title = "Settings and records"

    def has_permission(self, request: HttpRequest) -> bool:
        standing = standing_of(request.user)
        return any(standing.may(verb) for verb in OPENED_BY)
