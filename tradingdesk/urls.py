"""Every address of the desk, each in the urls.py of the app that answers it."""

from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

admin.site.site_header = admin.site.site_title = "Trading desk"
admin.site.index_title = "Settings and records"

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="admin:index"), name="home"),
    path("", include("apps.operators.urls")),
    path("", include("apps.runbook.urls")),
    path("admin/", admin.site.urls),
]
