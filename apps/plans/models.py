from django.db import models
from django.db.models import Q

from apps.desks.models import Account, Strategy
from apps.market.models import Contract


class Plan(models.Model):
    """What a strategy wants done on one trading day. A changed plan is a new row that supersedes the old."""

    RECEIVED, PROPOSED, NOTHING = "received", "proposed", "nothing"
    WITHDRAWN, SUPERSEDED = "withdrawn", "superseded"

    strategy = models.ForeignKey(Strategy, on_delete=models.PROTECT)
    account = models.ForeignKey(Account, on_delete=models.PROTECT)
    source = models.CharField(max_length=10)  # folder, upload, api, terminal, strategy
    file_name = models.CharField(max_length=200, blank=True)
    digest = models.CharField(max_length=64)
    trading_day = models.DateField()
    version = models.PositiveIntegerField(default=1)
    supersedes = models.OneToOneField(
        "self", null=True, on_delete=models.PROTECT, related_name="superseded_by"
    )
    state = models.CharField(max_length=12, default=RECEIVED)
    author = models.CharField(max_length=150)
    received_at = models.DateTimeField()
    summary = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["strategy", "account", "digest"], name="plans_plan_same_bytes_once"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["received", "proposed", "nothing", "withdrawn", "superseded"]),
                name="plans_plan_state_known",
            ),
        ]
        indexes = [models.Index(fields=["trading_day", "strategy"])]

    def __str__(self) -> str:
        return f"plan {self.pk}"


class Line(models.Model):
    """One line of a plan, taken or not, with the reason."""

    TAKEN, SKIPPED, REFUSED = "taken", "skipped", "refused"

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="lines")
    number = models.PositiveIntegerField()
    symbol = models.CharField(max_length=40)
    contract = models.ForeignKey(Contract, null=True, on_delete=models.PROTECT)
    side = models.CharField(max_length=4, blank=True)
    quantity = models.DecimalField(max_digits=18, decimal_places=4)
    limit_price = models.DecimalField(max_digits=18, decimal_places=6, null=True)
    stop_price = models.DecimalField(max_digits=18, decimal_places=6, null=True)
    target_1 = models.DecimalField(max_digits=18, decimal_places=6, null=True)
    target_2 = models.DecimalField(max_digits=18, decimal_places=6, null=True)
    context = models.JSONField(default=dict)  # score, sector, regime: what the strategy said about it
    state = models.CharField(max_length=8, default=TAKEN)
    reason_code = models.CharField(max_length=60, blank=True)
    reason = models.TextField(blank=True)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "number"], name="plans_line_number_once"),
            models.CheckConstraint(
                condition=Q(side__in=["BUY", "SELL"]) | Q(state="refused", side=""), name="plans_line_side"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["taken", "skipped", "refused"]), name="plans_line_state_known"
            ),
            models.CheckConstraint(
                condition=Q(state="taken") | ~Q(reason_code=""), name="plans_line_refusal_has_reason"
            ),
        ]


class Quarantine(models.Model):
    """A file that was not taken, whole, with every problem found in it."""

    file_name = models.CharField(max_length=200)
    digest = models.CharField(max_length=64)
    source = models.CharField(max_length=10)
    size = models.BigIntegerField()
    received_at = models.DateTimeField()
    problems = models.JSONField()  # [{code, line, column, value, message, remedy}, …]

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["digest", "file_name"], name="plans_quarantine_once"),
        ]
