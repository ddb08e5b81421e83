"""Django's admin with our door in front of it."""

from django.contrib.admin.apps import AdminConfig


class DeskAdminConfig(AdminConfig):
    default_site = "apps.operators.adminsite.DeskAdminSite"
