"""Reports and signatures, to read."""

from django.contrib import admin

from apps.journal.admin import ReadOnlyAdmin
from apps.reports.models import DayReport, SignOff


@admin.register(DayReport)
class DayReportAdmin(ReadOnlyAdmin):
    list_display = ["trading_day", "account", "version", "made_at", "made_by", "digest"]
    list_filter = ["account", "trading_day"]


@admin.register(SignOff)
class SignOffAdmin(ReadOnlyAdmin):
    list_display = ["report", "by", "at", "note"]
