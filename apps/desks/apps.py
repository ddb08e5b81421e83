"""The desks app's place among Django's apps."""

from django.apps import AppConfig


class DesksConfig(AppConfig):
    name = "apps.desks"
    verbose_name = "Desks"
