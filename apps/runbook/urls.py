"""Addresses that machines ask."""

from django.urls import path

from apps.runbook.pages.health import health

app_name = "runbook"
urlpatterns = [path("healthz", health, name="health")]
