"""Addresses of which one says whom it is for, and one forgot."""

from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from apps.operators.pages.asking import asks


def forgotten(request: HttpRequest) -> HttpResponse:
    return HttpResponse("in")


urlpatterns = [
    path("declared/", asks("see")(lambda request: HttpResponse("in"))),
    path("forgotten/", forgotten),
    path("", include("tradingdesk.urls")),
]
handler403 = "apps.dashboard.pages.errors.forbidden"
