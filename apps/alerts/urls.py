"""Addresses that a message carries: they work signed out."""

from django.urls import path

from apps.alerts.pages.cancel import cancel_page
from apps.alerts.pages.kill import kill_page

app_name = "alerts"
urlpatterns = [
    path("cancel/<str:word>/", cancel_page, name="cancel"),
    path("stop/<str:word>/", kill_page, name="kill"),
]
