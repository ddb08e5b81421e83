from django.db import models
from django.db.models import F, Q

from apps.desks.models import Account, Strategy
from apps.plans.models import Plan
from apps.risk.models import LimitSet


class Request(models.Model):
    """A plan that waits for a decision. The digest binds the decision to the exact content."""

    PROPOSED, APPROVED, REJECTED = "proposed", "approved", "rejected"
    EXPIRED, WITHDRAWN, SUPERSEDED, BLOCKED = "expired", "withdrawn", "superseded", "blocked"
    COUNTING, CANCELLED = "counting", "cancelled"  # in its window, and ended there
    OPEN = ("proposed", "counting")

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="requests")
    account = models.ForeignKey(Account, on_delete=models.PROTECT)
    strategy = models.ForeignKey(Strategy, on_delete=models.PROTECT)
    phase = models.CharField(max_length=5)  # what it is handled as; it may be tightened, never loosened
    phase_code = models.CharField(max_length=60, blank=True)  # why it is stricter than its strategy's phase
    phase_reason = models.TextField(blank=True)
    grant = models.ForeignKey("Grant", null=True, on_delete=models.PROTECT, related_name="requests")
    held = models.PositiveSmallIntegerField(default=0)  # how often its time was extended
    state = models.CharField(max_length=10, default=PROPOSED)
    row_version = models.PositiveIntegerField(default=1)
    digest = models.CharField(max_length=64)
    nonce = models.CharField(max_length=32)
    challenge = models.CharField(max_length=40)  # what is typed after EXECUTE
    content = models.JSONField()  # the canonical content that the digest covers
    order_count = models.PositiveIntegerField()
    notional = models.DecimalField(max_digits=20, decimal_places=2)
    limit_set = models.ForeignKey(LimitSet, on_delete=models.PROTECT)
    shown = models.JSONField(default=dict)  # the quotes at proposal, by con_id
    opened_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    cutoff_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    decided_by = models.CharField(max_length=150, blank=True)
    decision = models.JSONField(default=dict)  # ip, session, method, time to decide, quotes then
    reason_code = models.CharField(max_length=60, blank=True)
    reason = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["plan"],
                condition=Q(state__in=["proposed", "counting"]),
                name="approvals_one_open_request_per_plan",
            ),
            models.UniqueConstraint(fields=["digest"], name="approvals_digest_once"),
            models.CheckConstraint(
                condition=Q(state__in=["proposed", "counting", "blocked"]) | Q(decided_at__isnull=False),
                name="approvals_decision_has_time",
            ),
            models.CheckConstraint(
                condition=~Q(state="approved") | ~Q(decided_by=""), name="approvals_approval_has_person"
            ),
            models.CheckConstraint(
                condition=~Q(state="approved", phase="run") | Q(grant__isnull=False),
                name="approvals_run_has_grant",
            ),
        ]
        indexes = [models.Index(fields=["state", "expires_at"])]

    def __str__(self) -> str:
        return f"request {self.pk}"


class Window(models.Model):
    """The countdown of one request. Who changes its state by one conditional UPDATE has decided."""

    ASKED, OPEN, RELEASED = "asked", "open", "released"
    CANCELLED, RETURNED = "cancelled", "returned"
    RUNNING = ("asked", "open")

    request = models.OneToOneField(Request, on_delete=models.PROTECT, related_name="window")
    state = models.CharField(max_length=9, default=ASKED)
    row_version = models.PositiveIntegerField(default=1)
    seconds = models.PositiveIntegerField()
    sent_first = models.BooleanField(default=False)
    asked_at = models.DateTimeField()
    opened_at = models.DateTimeField(null=True)
    send_at = models.DateTimeField(null=True)  # by the database's clock
    ends_at = models.DateTimeField(null=True)
    delivered = models.JSONField(default=list)  # [{channel, at}, …]
    held = models.PositiveSmallIntegerField(default=0)
    hurried_by = models.CharField(max_length=150, blank=True)
    closed_at = models.DateTimeField(null=True)
    closed_by = models.CharField(max_length=150, blank=True)
    reason_code = models.CharField(max_length=60, blank=True)
    reason = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["asked", "open", "released", "cancelled", "returned"]),
                name="approvals_window_state_known",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["asked", "cancelled", "returned"]) | Q(send_at__isnull=False),
                name="approvals_window_open_has_deadline",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["asked", "cancelled", "returned"]) | ~Q(delivered=[]),
                name="approvals_window_open_was_told",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["asked", "open"]) | Q(closed_at__isnull=False),
                name="approvals_window_end_has_time",
            ),
            models.CheckConstraint(
                condition=~Q(state="released") | Q(closed_at__gte=F("send_at")),
                name="approvals_window_never_early",
            ),
            models.CheckConstraint(condition=Q(seconds__gte=1), name="approvals_window_has_length"),
        ]
        indexes = [models.Index(fields=["state", "send_at"])]

    def __str__(self) -> str:
        return f"window of request {self.request_id}"


class Grant(models.Model):
    """Who lets a strategy run on an account, until when and up to what sum. Taken back, never edited."""

    strategy = models.ForeignKey(Strategy, on_delete=models.PROTECT)
    account = models.ForeignKey(Account, on_delete=models.PROTECT)
    given_by = models.CharField(max_length=150)
    seconded_by = models.CharField(max_length=150, blank=True)
    reason = models.TextField()
    given_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    cap = models.DecimalField(max_digits=20, decimal_places=2)
    used = models.DecimalField(max_digits=20, decimal_places=2, default=0)
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.CharField(max_length=150, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["strategy", "account"],
                condition=Q(revoked_at__isnull=True),
                name="approvals_one_standing_grant",
            ),
            models.CheckConstraint(
                condition=Q(cap__gt=0) & Q(used__gte=0) & Q(used__lte=F("cap")), name="approvals_grant_capped"
            ),
            models.CheckConstraint(condition=Q(ends_at__gt=F("given_at")), name="approvals_grant_ends"),
        ]

    def __str__(self) -> str:
        return f"grant {self.pk}"


class Tightening(models.Model):
    """One plan under stricter eyes than its strategy."""

    plan = models.OneToOneField(Plan, on_delete=models.PROTECT, related_name="tightening")
    phase = models.CharField(max_length=5)
    by = models.CharField(max_length=150)
    at = models.DateTimeField()
    reason = models.TextField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(phase__in=["crawl", "walk"]), name="approvals_tightening_phase"
            )
        ]

    def __str__(self) -> str:
        return f"{self.plan}: {self.phase} at most"
