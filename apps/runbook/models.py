from datetime import timedelta

from django.db import models
from django.db.models import F, Q

from apps.desks.models import Account, Strategy


class JobRun(models.Model):
    """One job of one session, for one account or for the desk. Whoever works on it holds its row first.

    A job of the day leaves one row that is never run again; a chore comes back to its row and counts.
    "Ran, nothing to do" is an outcome like any other, and is kept.
    """

    RUNNING, DONE, NOTHING, FAILED = "running", "done", "nothing", "failed"

    kind = models.CharField(max_length=40)
    account = models.ForeignKey(Account, null=True, on_delete=models.PROTECT)
    session_date = models.DateField()
    outcome = models.CharField(max_length=8, default=RUNNING)
    told = models.TextField(blank=True)
    runs = models.PositiveIntegerField(default=0)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    worked_at = models.DateTimeField(null=True)  # when it last had something to do

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "account", "session_date"],
                name="runbook_job_once_a_session",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=Q(outcome__in=["running", "done", "nothing", "failed"]),
                name="runbook_job_outcome_known",
            ),
            models.CheckConstraint(
                condition=Q(outcome="running") | Q(ended_at__isnull=False), name="runbook_job_ended_when"
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("started_at")),
                name="runbook_job_ends_after_start",
            ),
        ]
        indexes = [models.Index(fields=["session_date", "kind"])]

    def __str__(self) -> str:
        return f"{self.kind} of {self.session_date}"


class DayStep(models.Model):
    """One step of one session: for an account, and for a strategy where it is a strategy's.

    The row is laid before the step is due. Whoever works on it notes that it began; it ends once, with an
    outcome, and is then never touched again. A step that was not begun by its deadline is missed.
    """

    STEP, WINDOW = "step", "window"

    name = models.CharField(max_length=60)
    kind = models.CharField(max_length=6, default=STEP)  # a window is a span in which nothing is sent
    account = models.ForeignKey(Account, on_delete=models.PROTECT)
    strategy = models.ForeignKey(Strategy, null=True, on_delete=models.PROTECT)
    session_date = models.DateField()
    due_at = models.DateTimeField()
    deadline = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=16, blank=True)  # tradingdesk.domain.market.timetable.Outcome
    reason_code = models.CharField(max_length=60, blank=True)
    told = models.TextField(blank=True)
    numbers = models.JSONField(default=dict)
    tries = models.PositiveIntegerField(default=0)  # how often the work broke

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["name", "account", "strategy", "session_date"],
                name="runbook_step_once_a_session",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=Q(outcome="")
                | Q(outcome__in=["done", "nothing to do", "skipped", "missed", "failed"]),
                name="runbook_step_outcome_known",
            ),
            models.CheckConstraint(
                condition=Q(outcome="", ended_at__isnull=True) | (~Q(outcome="") & Q(ended_at__isnull=False)),
                name="runbook_step_ended_when",
            ),
            models.CheckConstraint(
                condition=Q(started_at__isnull=True)
                | Q(ended_at__isnull=True)
                | Q(ended_at__gte=F("started_at")),
                name="runbook_step_ends_after_start",
            ),
            models.CheckConstraint(condition=Q(kind__in=["step", "window"]), name="runbook_step_kind"),
        ]
        indexes = [models.Index(fields=["session_date", "account"])]

    def __str__(self) -> str:
        whose = f" of {self.strategy.name}" if self.strategy else ""
        return f"{self.name}{whose} on {self.session_date}"

    @property
    def duration(self) -> timedelta | None:
        """How long it took, once it has ended; a step that never began took no time that anybody knows."""
        if self.started_at is None or self.ended_at is None:
            return None
        return self.ended_at - self.started_at


class BrokenPromise(models.Model):
    """One of the twelve invariants was found not to hold, from then until it held again."""

    invariant = models.CharField(max_length=4)  # S1 to S12
    text = models.TextField()
    severe = models.BooleanField()  # trading was halted for it
    found_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["invariant", "text"],
                condition=Q(ended_at__isnull=True),
                name="runbook_promise_broken_once",
            ),
            models.CheckConstraint(
                condition=Q(seen_at__gte=F("found_at")), name="runbook_promise_seen_after_found"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.invariant}: {self.text}"
