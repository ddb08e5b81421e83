from django.db import models
from django.db.models import Q

from apps.desks.models import Account
from apps.market.models import Contract
from tradingdesk.domain.money import apart

BROKER, STATEMENT = "broker", "statement "  # the other side of a case: the live connection, or that of a day
STATES = ["open", "ignored", "closed"]


class Run(models.Model):
    """One comparison of one account: what was compared, what came of it, and how long it took."""

    ORDERS, BOOKS, STATEMENT = "orders", "books", "statement"
    PASS, BREAKS, HALT, EMERGENCY, UNKNOWN = "PASS", "BREAKS", "HALT", "EMERGENCY", "UNKNOWN"
    LEVELS = [PASS, BREAKS, HALT, EMERGENCY, UNKNOWN]

    account = models.ForeignKey(Account, on_delete=models.CASCADE)
    about = models.CharField(max_length=10)
    at = models.DateTimeField()
    told_at = models.DateTimeField(null=True)  # the newest of the lists that were compared
    session_id = models.BigIntegerField(null=True)  # the life of the socket that told them
    level = models.CharField(max_length=10)
    reason_code = models.CharField(max_length=60)
    reason = models.TextField(blank=True)
    compared = models.JSONField(default=dict)  # by list: how many rows of each side, or why it is unknown
    differences = models.PositiveIntegerField(default=0)
    ours = models.DecimalField(max_digits=20, decimal_places=4, null=True)
    theirs = models.DecimalField(max_digits=20, decimal_places=4, null=True)
    unexplained = models.DecimalField(max_digits=20, decimal_places=4, null=True)
    unexplained_bps = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    steps = models.JSONField(default=list)  # the bridge: [{"cause", "amount", "evidence"}]
    duration_ms = models.FloatField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(level__in=["PASS", "BREAKS", "HALT", "EMERGENCY", "UNKNOWN"]),
                name="reconciliation_run_level_known",
            ),
        ]
        indexes = [models.Index(fields=["account", "about", "-at"]), models.Index(fields=["at"])]

    def __str__(self) -> str:
        return f"{self.about} of {self.account.masked()} at {self.at:%H:%M:%S}: {self.level}"


class Standing(models.Model):
    """What an account's comparisons add up to. A halt stays until a person ends it."""

    account = models.OneToOneField(Account, primary_key=True, on_delete=models.CASCADE)
    level = models.CharField(max_length=10, default=Run.PASS)  # PASS, HALT or EMERGENCY
    reason = models.TextField(blank=True)
    since = models.DateTimeField()
    ended_by = models.CharField(max_length=150, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(level__in=["PASS", "HALT", "EMERGENCY"]), name="reconciliation_standing_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account.masked()}: {self.level}"


class Break(models.Model):
    """One difference worked as a case, from the first comparison that showed it to its end."""

    account = models.ForeignKey(Account, on_delete=models.PROTECT)
    contract = models.ForeignKey(Contract, null=True, on_delete=models.PROTECT)
    source = models.CharField(max_length=20, default=BROKER)  # broker, or statement 2026-11-18
    kind = models.CharField(max_length=30)
    key = models.CharField(max_length=100)
    title = models.CharField(max_length=120)
    ours = models.CharField(max_length=80)
    theirs = models.CharField(max_length=80)
    size = models.DecimalField(max_digits=20, decimal_places=4, null=True)  # in money of `currency`
    currency = models.CharField(max_length=8, blank=True)
    cause = models.CharField(max_length=200)
    evidence = models.JSONField(default=list)
    severity = models.CharField(max_length=8)
    state = models.CharField(max_length=8, default="open")
    owner = models.CharField(max_length=150, blank=True)
    trading_day = models.DateField()
    opened_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    ignored_until = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    closure = models.CharField(max_length=20, blank=True)  # gone, adopted, external
    reason = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account", "source", "kind", "key"],
                condition=~Q(state="closed"),
                name="reconciliation_break_open_once",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["open", "ignored", "closed"]), name="reconciliation_break_state_known"
            ),
            models.CheckConstraint(
                condition=Q(severity__in=["low", "medium", "high", "critical"]),
                name="reconciliation_break_severity_known",
            ),
            models.CheckConstraint(
                condition=~Q(state="ignored") | Q(ignored_until__isnull=False),
                name="reconciliation_break_ignored_until",
            ),
            models.CheckConstraint(
                condition=Q(state="closed", closed_at__isnull=False) & ~Q(closure="")
                | ~Q(state="closed") & Q(closed_at__isnull=True, closure=""),
                name="reconciliation_break_closed_how",
            ),
        ]
        indexes = [models.Index(fields=["account", "state"]), models.Index(fields=["trading_day"])]

    def __str__(self) -> str:
        return f"{self.title}: ours {self.ours_told}, broker {self.theirs_told}"

    @property
    def ours_told(self) -> str:
        """For people; the field itself is read as a number where it is adopted."""
        return apart(self.ours)

    @property
    def theirs_told(self) -> str:
        return apart(self.theirs)


class BreakAct(models.Model):
    """One thing that happened to a case. Append-only: its history is its explanation."""

    case = models.ForeignKey(Break, on_delete=models.PROTECT, related_name="acts")
    act = models.CharField(
        max_length=20
    )  # opened, re-query, adopt, mark external, ignore until, assigned, gone
    actor = models.CharField(max_length=150)
    at = models.DateTimeField()
    reason_code = models.CharField(max_length=60)
    reason = models.TextField(blank=True)
    told = models.JSONField(default=dict)

    def __str__(self) -> str:
        return f"{self.act} by {self.actor}"


class Ruling(models.Model):
    """A person's word on one exact difference: shown again with the same figures, it opens no case.

    For what our books cannot take over and what is not ours: the row itself stays what it is.
    """

    account = models.ForeignKey(Account, on_delete=models.PROTECT)
    case = models.OneToOneField(Break, on_delete=models.PROTECT)
    source = models.CharField(max_length=20, default=BROKER)
    kind = models.CharField(max_length=30)
    key = models.CharField(max_length=100)
    ours = models.CharField(max_length=80)
    theirs = models.CharField(max_length=80)
    external = models.BooleanField()
    by = models.CharField(max_length=150)
    reason = models.TextField()
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["account", "kind"])]

    def __str__(self) -> str:
        return f"{self.kind} {self.key} by {self.by}"


class External(models.Model):
    """How much of a contract in the account is another hand's. Append-only; the newest row counts."""

    account = models.ForeignKey(Account, on_delete=models.PROTECT)
    contract = models.ForeignKey(Contract, on_delete=models.PROTECT)
    case = models.OneToOneField(Break, on_delete=models.PROTECT)
    quantity = models.DecimalField(max_digits=18, decimal_places=4)
    by = models.CharField(max_length=150)
    reason = models.TextField()
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["account", "contract", "-at"])]

    def __str__(self) -> str:
        return f"{self.quantity:f} {self.contract} of another hand"


class Statement(models.Model):
    """A broker's statement of one account and day, as it came in, once."""

    account = models.ForeignKey(Account, on_delete=models.PROTECT)
    day = models.DateField()
    name = models.CharField(max_length=200)
    digest = models.CharField(max_length=64)
    taken_by = models.CharField(max_length=150)
    taken_at = models.DateTimeField()
    body = models.JSONField()  # executions, positions, cash, in the desk's own words
    run = models.ForeignKey(Run, null=True, on_delete=models.SET_NULL)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "day", "digest"], name="reconciliation_statement_once")
        ]
        indexes = [models.Index(fields=["account", "-day"])]

    def __str__(self) -> str:
        return f"{self.name} of {self.day}"

    @property
    def source(self) -> str:
        """As its cases name it."""
        return f"{STATEMENT}{self.day}"
