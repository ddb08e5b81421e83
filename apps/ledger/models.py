from decimal import Decimal

from django.db import models
from django.db.models import Q

from apps.broker.models import Order
from apps.desks.models import Account, Strategy
from apps.ledger.ports import CAUSES, RESULT_CAUSES
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
        indexes = [
            models.Index(fields=["trading_day", "account"]),
            models.Index(fields=["account", "contract", "trading_day"], name="ledger_fill_of_contract"),
        ]


class PendingCommission(models.Model):
    """A fee that was told before its execution."""

    exec_id = models.CharField(max_length=80, unique=True)
    body = models.JSONField()


class StatedFee(models.Model):
    """What the broker's statement says an execution cost, taken as its last word by a person. Append-only."""

    account = models.ForeignKey(Account, on_delete=models.PROTECT)
    exec_root = models.CharField(max_length=80)
    amount = models.DecimalField(max_digits=14, decimal_places=6)
    currency = models.CharField(max_length=8)
    before = models.DecimalField(max_digits=14, decimal_places=6, null=True)  # what the books had
    reason = models.TextField()
    by = models.CharField(max_length=150)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["account", "exec_root"])]


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


class Carry(models.Model):
    """That an account's positions at the end of this day are kept, so that no older fill need be read again.

    The database drops it as soon as a fill or an adoption of such a day is written or changed.
    """

    account = models.OneToOneField(Account, on_delete=models.PROTECT)
    day = models.DateField()
    made_at = models.DateTimeField()


class Carried(models.Model):
    """One position then: of the account as a whole, or of the fills of one strategy, or of nobody's."""

    carry = models.ForeignKey(Carry, on_delete=models.CASCADE, related_name="positions")
    contract = models.ForeignKey(Contract, on_delete=models.PROTECT)
    whole = models.BooleanField()
    strategy = models.ForeignKey(Strategy, null=True, on_delete=models.PROTECT)
    # as the arithmetic left them, not rounded: results go on from here
    quantity = models.DecimalField(max_digits=60, decimal_places=30)
    average_cost = models.DecimalField(max_digits=60, decimal_places=30)
    realized = models.DecimalField(max_digits=60, decimal_places=30)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["carry", "contract", "whole", "strategy"],
                nulls_distinct=False,
                name="ledger_carried_once",
            ),
            models.CheckConstraint(
                condition=Q(whole=False) | Q(strategy=None), name="ledger_carried_whole_is_nobodys"
            ),
        ]


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
    """What a strategy made on one day, in base: the sum of its parts, kept with them. Null is unknown.

    No strategy: what is nobody's of ours, and what the account's own cash made.
    """

    account = models.ForeignKey(Account, on_delete=models.PROTECT)
    strategy = models.ForeignKey(Strategy, null=True, on_delete=models.PROTECT)
    trading_day = models.DateField()
    net = models.DecimalField(max_digits=24, decimal_places=8, null=True)
    realized = models.DecimalField(max_digits=24, decimal_places=8, null=True)  # of it, by trades alone
    commissions = models.DecimalField(max_digits=24, decimal_places=8, null=True)  # a cost is above zero
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

    @property
    def unrealized(self) -> Decimal | None:
        """What of it was not realised: prices and rates of what is held, accruals."""
        if self.net is None or self.realized is None or self.commissions is None:
            return None
        return self.net + self.commissions - self.realized


class NavPoint(models.Model):
    """Net asset value at a moment, and by whose arithmetic."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE)
    at = models.DateTimeField()
    nav = models.DecimalField(max_digits=20, decimal_places=2)
    source = models.CharField(max_length=10)  # broker, books

    class Meta:
        indexes = [models.Index(fields=["account", "at"])]


class Adoption(models.Model):
    """The broker's word was taken over where the books had another, or none: by whom, why, from what."""

    account = models.ForeignKey(Account, on_delete=models.PROTECT)
    contract = models.ForeignKey(Contract, null=True, on_delete=models.PROTECT)  # a position, or
    currency = models.CharField(max_length=3, blank=True)  # cash of this currency
    quantity = models.DecimalField(max_digits=18, decimal_places=4, null=True)
    average_cost = models.DecimalField(max_digits=18, decimal_places=6, null=True)
    mark = models.DecimalField(max_digits=18, decimal_places=6, null=True)  # the price of that moment
    amount = models.DecimalField(max_digits=24, decimal_places=8, null=True)
    worth = models.DecimalField(max_digits=24, decimal_places=8, null=True)  # what it added, at the mark
    before = models.JSONField()  # what the books had
    reason = models.TextField()
    actor = models.CharField(max_length=150)
    at = models.DateTimeField()  # from when it holds: when the broker told it
    trading_day = models.DateField()  # the session to which that is counted
    made_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(contract__isnull=False, quantity__isnull=False, currency="")
                | (Q(contract__isnull=True, amount__isnull=False) & ~Q(currency="")),
                name="ledger_adoption_of_one_thing",
            )
        ]
        indexes = [models.Index(fields=["account", "contract", "at"])]


class CashEntry(models.Model):
    """One movement of money, append-only. What was wrong is taken back by a second entry, never edited."""

    account = models.ForeignKey(Account, on_delete=models.PROTECT)
    currency = models.CharField(max_length=3)
    amount = models.DecimalField(max_digits=24, decimal_places=8)  # into the account; a fee is below zero
    cause = models.CharField(max_length=10)
    fill = models.ForeignKey(Fill, null=True, on_delete=models.PROTECT, related_name="cash")
    adoption = models.ForeignKey(Adoption, null=True, on_delete=models.PROTECT, related_name="cash")
    reverses = models.OneToOneField("self", null=True, on_delete=models.PROTECT, related_name="reversed_by")
    day = models.DateField()
    at = models.DateTimeField()  # when it took effect
    booked_at = models.DateTimeField()
    note = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(cause__in=CAUSES), name="ledger_cash_cause_known"),
            models.CheckConstraint(condition=~Q(amount=0), name="ledger_cash_moves_something"),
        ]
        indexes = [models.Index(fields=["account", "day"]), models.Index(fields=["account", "booked_at"])]


class PendingContract(models.Model):
    """Executions of a contract that the broker has not described yet: what they cost is unknown till then."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE)
    contract = models.ForeignKey(Contract, on_delete=models.CASCADE)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "contract"], name="ledger_pending_once")]


class CashBalance(models.Model):
    """The sum of the entries of a currency, kept with each of them. Accruals stand apart: not yet paid."""

    account = models.ForeignKey(Account, on_delete=models.PROTECT)
    currency = models.CharField(max_length=3)
    amount = models.DecimalField(max_digits=24, decimal_places=8, default=0)
    accrued = models.DecimalField(max_digits=24, decimal_places=8, default=0)
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "currency"], name="ledger_balance_once")]


class NavSnapshot(models.Model):
    """The books' own net asset value at a minute. Null while a part of it is unknown, with the reasons."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE)
    at = models.DateTimeField()  # the minute
    taken_at = models.DateTimeField()
    trading_day = models.DateField()
    base = models.CharField(max_length=3)
    nav = models.DecimalField(max_digits=20, decimal_places=2, null=True)
    cash_base = models.DecimalField(max_digits=20, decimal_places=2, null=True)
    gross = models.DecimalField(max_digits=20, decimal_places=2)
    net = models.DecimalField(max_digits=20, decimal_places=2)
    long = models.DecimalField(max_digits=20, decimal_places=2)
    short = models.DecimalField(max_digits=20, decimal_places=2)
    broker_nav = models.DecimalField(max_digits=20, decimal_places=2, null=True)
    complete = models.BooleanField()
    reasons = models.JSONField(default=list)  # [[code, text], …]
    growth = models.DecimalField(max_digits=20, decimal_places=12, null=True)  # of one unit, flows left out
    peak = models.DecimalField(max_digits=20, decimal_places=12, null=True)
    deepest = models.DecimalField(max_digits=20, decimal_places=12, null=True)  # the worst drawdown so far

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "at"], name="ledger_snapshot_once"),
            models.CheckConstraint(
                condition=Q(complete=False) | Q(nav__isnull=False), name="ledger_snapshot_complete_has_nav"
            ),
        ]
        indexes = [models.Index(fields=["account", "trading_day"])]

    @property
    def drawdown(self) -> Decimal | None:
        """How far below the peak, as a share: nought or less."""
        return None if self.growth is None or not self.peak else self.growth / self.peak - 1


class BookDay(models.Model):
    """A trading day of an account: its net asset value from and to, and whether all of it is known."""

    account = models.ForeignKey(Account, on_delete=models.PROTECT)
    trading_day = models.DateField()
    opening = models.DecimalField(max_digits=24, decimal_places=8, null=True)
    closing = models.DecimalField(max_digits=24, decimal_places=8, null=True)
    provisional = models.BooleanField(default=True)
    reasons = models.JSONField(default=list)
    restated = models.PositiveIntegerField(default=0)  # how often after its result was told
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "trading_day"], name="ledger_book_day_once")
        ]


class ResultPart(models.Model):
    """What one cause made of one contract for one strategy on one day, in base. Null is unknown.

    No strategy: nobody's of ours, or the account's as a whole. No contract: the cash itself.
    """

    account = models.ForeignKey(Account, on_delete=models.PROTECT)
    trading_day = models.DateField()
    strategy = models.ForeignKey(Strategy, null=True, on_delete=models.PROTECT)
    contract = models.ForeignKey(Contract, null=True, on_delete=models.PROTECT)
    currency = models.CharField(max_length=3)
    cause = models.CharField(max_length=10)
    amount = models.DecimalField(max_digits=24, decimal_places=8, null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account", "trading_day", "strategy", "contract", "currency", "cause"],
                name="ledger_result_part_once",
                nulls_distinct=False,
            ),
            models.CheckConstraint(condition=Q(cause__in=RESULT_CAUSES), name="ledger_result_cause_known"),
        ]
