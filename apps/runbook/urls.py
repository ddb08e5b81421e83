"""Addresses that machines ask."""

from django.urls import path

from apps.runbook.pages.health import health
from apps.runbook.pages.plan_door import submit_plan

app_name = "runbook"
urlpatterns = [
    path("healthz", health, name="health"),
    path("api/v1/plans", submit_plan, name="submit_plan"),
]
