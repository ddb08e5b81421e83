from django.db import models
from django.db.models import F, Q

from apps.desks.models import Account


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
