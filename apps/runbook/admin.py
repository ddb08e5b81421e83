"""Background work, to read. A schedule names a function and a task holds a pickle: whoever may edit one
may run anything, so nobody may."""

import django_q.admin  # noqa: F401  its own pages are registered first, and then taken away
from django.contrib import admin
from django_q.models import Failure, OrmQ, Schedule, Success

from apps.journal.admin import ReadOnlyAdmin
from apps.runbook.models import BrokenPromise, DayStep, JobRun

for model in (Failure, OrmQ, Schedule, Success):
    if admin.site.is_registered(model):
        admin.site.unregister(model)


@admin.register(JobRun)
class JobRunAdmin(ReadOnlyAdmin):
    list_display = ["kind", "account", "session_date", "outcome", "runs", "worked_at", "told"]
    list_filter = ["outcome", "kind", "session_date"]


@admin.register(DayStep)
class DayStepAdmin(ReadOnlyAdmin):
    list_display = ["session_date", "name", "account", "strategy", "due_at", "outcome", "told"]
    list_filter = ["session_date", "outcome", "name"]


@admin.register(BrokenPromise)
class BrokenPromiseAdmin(ReadOnlyAdmin):
    list_display = ["invariant", "text", "severe", "found_at", "ended_at"]
    list_filter = ["invariant", "severe"]


@admin.register(Schedule)
class ScheduleAdmin(ReadOnlyAdmin):
    list_display = ["name", "func", "schedule_type", "minutes", "next_run"]
    exclude = ["args", "kwargs", "hook"]


@admin.register(Failure)
class FailureAdmin(ReadOnlyAdmin):
    list_display = ["name", "func", "started", "stopped"]
    exclude = ["args", "kwargs", "hook", "result"]
