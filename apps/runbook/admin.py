"""What the whole road is needed for: a phase taken back, a limit's effect on the plans that wait.

And background work, to read. A schedule names a function and a task holds a pickle: whoever may edit one
may run anything, so nobody may.
"""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

import django_q.admin  # noqa: F401  its own pages are registered first, and then taken away
from django.contrib import admin
from django.http import HttpRequest
from django_q.models import Failure, OrmQ, Schedule, Success

from apps.desks.actions.set_phase import set_phase
from apps.desks.admin import PhaseAdmin, person
from apps.desks.models import Phase
from apps.desks.ports import PHASES
from apps.desks.queries import phase_of
from apps.journal import clock
from apps.journal.admin import ReadOnlyAdmin
from apps.risk.admin import LimitSetAdmin
from apps.risk.models import LimitSet
from apps.runbook.limiting import effect_of_limits
from apps.runbook.models import BrokenPromise, DayStep, JobRun
from apps.runbook.trust import demote
from tradingdesk.domain.approvals import Phase as Trust

for model in (Failure, OrmQ, Schedule, Success):
    if admin.site.is_registered(model):
        admin.site.unregister(model)


@admin.register(Phase)
class PhaseWithEnd(PhaseAdmin):
    """As the Strategies page does it: grants end and countdowns come back with the trust."""

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        to, reason = form.cleaned_data["phase"], form.cleaned_data["reason"]
        if PHASES.index(to) < PHASES.index(phase_of(obj.strategy, obj.account)):
            step = Trust(to)
            demote(obj.strategy, obj.account, step, by=person(request), reason=reason, now=clock.now())
        saved = set_phase(obj.strategy, obj.account, phase=to, actor=person(request), reason=reason)
        obj.pk = saved.pk


@admin.register(LimitSet)
class LimitSetWithEffect(LimitSetAdmin):
    @staticmethod
    def effect_of(values: Mapping[str, Decimal], *, scope: str, now: datetime) -> str:
        return effect_of_limits(values, scope=scope, now=now).told


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
