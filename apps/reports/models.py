"""Reports and what hangs on them. Triggers in the database keep them as they were closed."""

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import F, Q

from apps.desks.models import Account
from tradingdesk.domain.scorecard import ExitType


class DayReport(models.Model):
    """What one session of an account came to. What changed later is a new version, never an edit."""

    account = models.ForeignKey(Account, on_delete=models.PROTECT)
    trading_day = models.DateField()
    version = models.PositiveIntegerField(default=1)
    supersedes = models.OneToOneField(
        "self", null=True, on_delete=models.PROTECT, related_name="superseded_by"
    )
    summary = models.JSONField(encoder=DjangoJSONEncoder)  # the few figures that histories are drawn from
    content = models.JSONField(encoder=DjangoJSONEncoder)
    digest = models.CharField(max_length=64)  # over summary, content, trades and orders
    difference = models.JSONField(default=list)  # [{where, before, after}, …] against the one before
    reason = models.TextField(blank=True)  # why there is another version
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=150)
    closed = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account", "trading_day", "version"], name="reports_report_version_once"
            ),
            models.CheckConstraint(
                condition=Q(version=1, supersedes__isnull=True)
                | Q(version__gt=1, supersedes__isnull=False) & ~Q(reason=""),
                name="reports_report_supersedes_with_reason",
            ),
            models.CheckConstraint(
                condition=Q(digest__regex=r"^[0-9a-f]{64}$"), name="reports_report_digest_shape"
            ),
        ]

    def __str__(self) -> str:
        return f"report of {self.trading_day}, version {self.version}"


class TradeRow(models.Model):
    """A part of an entry and what closed it: one line of the day's table."""

    report = models.ForeignKey(DayReport, on_delete=models.PROTECT, related_name="trades")
    number = models.PositiveIntegerField()
    strategy = models.CharField(max_length=60)
    bracket = models.CharField(max_length=60)
    ticker = models.CharField(max_length=40)
    direction = models.CharField(max_length=5)
    entry_price = models.DecimalField(max_digits=18, decimal_places=6)
    exit_price = models.DecimalField(max_digits=18, decimal_places=6)
    quantity = models.DecimalField(max_digits=18, decimal_places=4)
    exit_type = models.CharField(max_length=6)
    exit_at = models.DateTimeField()
    pnl = models.DecimalField(max_digits=20, decimal_places=4)  # before fees
    pnl_pct = models.DecimalField(max_digits=10, decimal_places=4)
    commission = models.DecimalField(max_digits=14, decimal_places=4, null=True)
    score = models.CharField(max_length=40, blank=True)
    sector = models.CharField(max_length=80, blank=True)
    stop_price = models.DecimalField(max_digits=18, decimal_places=6)
    target_1 = models.DecimalField(max_digits=18, decimal_places=6)
    target_2 = models.DecimalField(max_digits=18, decimal_places=6)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["report", "number"], name="reports_trade_number_once"),
            models.CheckConstraint(
                condition=Q(exit_type__in=[one.value for one in ExitType]), name="reports_trade_exit_known"
            ),
            models.CheckConstraint(
                condition=Q(direction__in=["LONG", "SHORT"]), name="reports_trade_direction"
            ),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="reports_trade_quantity"),
        ]


class ExecutionRow(models.Model):
    """One order of ours that was sent, and its cost against each benchmark. Null is unknown, never zero."""

    report = models.ForeignKey(DayReport, on_delete=models.PROTECT, related_name="executions")
    trading_day = models.DateField()
    ticket_key = models.CharField(max_length=60)
    strategy = models.CharField(max_length=60)
    symbol = models.CharField(max_length=40)
    side = models.CharField(max_length=4)
    role = models.CharField(max_length=8)
    order_type = models.CharField(max_length=12)
    phase = models.CharField(max_length=5, blank=True)
    state = models.CharField(max_length=12)
    attempts = models.PositiveSmallIntegerField()
    quantity = models.DecimalField(max_digits=18, decimal_places=4)
    filled = models.DecimalField(max_digits=18, decimal_places=4)
    average_price = models.DecimalField(max_digits=18, decimal_places=6, null=True)
    worth = models.DecimalField(max_digits=20, decimal_places=2, null=True)  # of what filled
    commission = models.DecimalField(max_digits=14, decimal_places=4, null=True)
    sent_at = models.DateTimeField()
    filled_at = models.DateTimeField(null=True)  # its first fill
    hour = models.PositiveSmallIntegerField()  # at the exchange, when it was sent
    arrival_mid = models.DecimalField(max_digits=18, decimal_places=6, null=True)
    spread_bps = models.FloatField(null=True)  # of the market as it was sent
    decision_mid = models.DecimalField(max_digits=18, decimal_places=6, null=True)
    close_mid = models.DecimalField(max_digits=18, decimal_places=6, null=True)
    arrival_bps = models.FloatField(null=True)
    decision_bps = models.FloatField(null=True)
    close_bps = models.FloatField(null=True)
    waiting_cost = models.DecimalField(max_digits=20, decimal_places=4, null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["report", "ticket_key"], name="reports_execution_once"),
            models.CheckConstraint(
                condition=Q(filled__gte=0) & Q(filled__lte=F("quantity")), name="reports_execution_filled"
            ),
        ]
        indexes = [models.Index(fields=["trading_day"])]


class SignOff(models.Model):
    """A person's word that a version of a report was read. Kept for ever."""

    report = models.ForeignKey(DayReport, on_delete=models.PROTECT, related_name="sign_offs")
    by = models.CharField(max_length=150)
    at = models.DateTimeField()
    note = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["report", "by"], name="reports_signed_once_by_each"),
            models.CheckConstraint(condition=~Q(by=""), name="reports_signed_by_somebody"),
        ]
