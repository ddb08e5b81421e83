"""The conductor's place among Django's apps."""

from django.apps import AppConfig


class RunbookConfig(AppConfig):
    name = "apps.runbook"
    verbose_name = "Runbook"

    def ready(self) -> None:
        from apps.runbook import checks  # noqa: F401  (registers the settings checks)
