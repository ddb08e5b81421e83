from django.db import models
from django.db.models import Q

from apps.desks.models import Account, Strategy
from apps.plans.models import Plan
from apps.risk.models import LimitSet


class Request(models.Model):
    """A plan that waits for a decision. The digest binds the decision to the exact content."""

    PROPOSED, APPROVED, REJECTED = "proposed", "approved", "rejected"
    EXPIRED, WITHDRAWN, SUPERSEDED, BLOCKED = "expired", "withdrawn", "superseded", "blocked"

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="requests")
    account = models.ForeignKey(Account, on_delete=models.PROTECT)
    strategy = models.ForeignKey(Strategy, on_delete=models.PROTECT)
    phase = models.CharField(max_length=5)
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
                fields=["plan"], condition=Q(state="proposed"), name="approvals_one_open_request_per_plan"
            ),
            models.UniqueConstraint(fields=["digest"], name="approvals_digest_once"),
            models.CheckConstraint(
                condition=Q(state__in=["proposed", "blocked"]) | Q(decided_at__isnull=False),
                name="approvals_decision_has_time",
            ),
            models.CheckConstraint(
                condition=~Q(state="approved") | ~Q(decided_by=""), name="approvals_approval_has_person"
            ),
        ]
        indexes = [models.Index(fields=["state", "expires_at"])]

    def __str__(self) -> str:
        return f"request {self.pk}"
