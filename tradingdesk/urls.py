"""Every address of the desk, each in the urls.py of the app that answers it."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("", include("apps.operators.entrance")),
    path("", include("apps.alerts.urls")),
    path("", include("apps.operators.urls")),
    path("", include("apps.dashboard.urls")),
    path("", include("apps.runbook.urls")),
    path("admin/", admin.site.urls),
]
handler400 = "apps.dashboard.pages.errors.bad_request"
handler403 = "apps.dashboard.pages.errors.forbidden"
handler404 = "apps.dashboard.pages.errors.not_found"
handler500 = "apps.dashboard.pages.errors.failed"
