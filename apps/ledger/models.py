from django.db import models
from django.db.models import Q

from apps.broker.models import Order
from apps.desks.models import Account, Strategy
from apps.market.models import Contract
from apps.tickets.models import Ticket


class Fill(models.Model):
    """One execution, exactly once. A correction is a later revision of the same root; nothing is deleted."""

    account = models.ForeignKey(Account, on_delete=models.PROTECT)
    exec_id = models.CharField(max_length=80)
    exec_root = models.CharField(max_length=80)
    revision = models.PositiveSmallIntegerField()
    superseded = models.BooleanField(default=False)
    busted = models.BooleanField(default=False)
    order = models.ForeignKey(Order, null=True, on_delete=models.PROTECT)
    ticket = models.ForeignKey(Ticket, null=True, on_delete=models.PROTECT)
    strategy = models.ForeignKey(Strategy, null=True, on_delete=models.PROTECT)
    contract = models.ForeignKey(Contract, on_delete=models.PROTECT)
    side = models.CharField(max_length=4)
    quantity = models.DecimalField(max_digits=18, decimal_places=4)
    price = models.DecimalField(max_digits=18, decimal_places=6)
    venue = models.CharField(max_length=20, blank=True)
    perm_id = models.BigIntegerField(null=True)
    at = models.DateTimeField()
    trading_day = models.DateField()
    commission = models.DecimalField(max_digits=14, decimal_places=6, null=True)
    commission_currency = models.CharField(max_length=8, blank=True)
    broker_realized = models.DecimalField(max_digits=20, decimal_places=4, null=True)
    booked_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "exec_id"], name="ledger_fill_exec_id_once"),
            models.UniqueConstraint(
                fields=["account", "exec_root"],
                condition=Q(superseded=False),
                name="ledger_fill_one_revision_counts",
            ),
            models.CheckConstraint(
                condition=Q(quantity__gt=0) | Q(busted=True), name="ledger_fill_quantity_positive"
            ),
        ]
        indexes = [models.Index(fields=["trading_day", "account"])]


class PendingCommission(models.Model):
    """A fee that was told before its execution."""

    exec_id = models.CharField(max_length=80, unique=True)
    body = models.JSONField()


class Position(models.Model):
    """What our fills say we hold, beside what the broker says. Null is unknown, never zero."""

    account = models.ForeignKey(Account, on_delete=models.PROTECT)
    contract = models.ForeignKey(Contract, on_delete=models.PROTECT)
    quantity = models.DecimalField(max_digits=18, decimal_places=4, default=0)
    average_cost = models.DecimalField(max_digits=18, decimal_places=6, null=True)
    realized = models.DecimalField(max_digits=20, decimal_places=4, default=0)
    broker_quantity = models.DecimalField(max_digits=18, decimal_places=4, null=True)
    broker_cost = models.DecimalField(max_digits=18, decimal_places=6, null=True)
    broker_at = models.DateTimeField(null=True)
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "contract"], name="ledger_position_once")]


class AccountValue(models.Model):
    """The broker's own figures of an account, each with its time."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE)
    tag = models.CharField(max_length=60)
    currency = models.CharField(max_length=8)
    value = models.DecimalField(max_digits=24, decimal_places=4)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "tag", "currency"], name="ledger_account_value_once")
        ]


class DayResult(models.Model):
    """What a strategy made on one day. Provisional until every commission is known."""

    account = models.ForeignKey(Account, on_delete=models.PROTECT)
    strategy = models.ForeignKey(Strategy, null=True, on_delete=models.PROTECT)
    trading_day = models.DateField()
    realized = models.DecimalField(max_digits=20, decimal_places=4, default=0)
    unrealized = models.DecimalField(max_digits=20, decimal_places=4, null=True)
    commissions = models.DecimalField(max_digits=20, decimal_places=4, default=0)
    fills = models.PositiveIntegerField(default=0)
    provisional = models.BooleanField(default=True)
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account", "strategy", "trading_day"],
                name="ledger_day_result_once",
                nulls_distinct=False,
            )
        ]


class NavPoint(models.Model):
    """Net asset value at a moment, and by whose arithmetic."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE)
    at = models.DateTimeField()
    nav = models.DecimalField(max_digits=20, decimal_places=2)
    source = models.CharField(max_length=10)  # broker, books

    class Meta:
        indexes = [models.Index(fields=["account", "at"])]
