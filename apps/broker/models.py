from datetime import datetime

from django.db import models
from django.db.models import Case, F, Q, Value, When

from apps.approvals.models import Request
from apps.desks.models import Account, Gateway
from apps.market.models import Contract
from apps.tickets.models import Ticket


class Lease(models.Model):
    """Who may speak to a gateway. A new holder takes the next epoch; an older epoch can do nothing."""

    gateway = models.OneToOneField(Gateway, on_delete=models.PROTECT)
    holder = models.CharField(max_length=80, blank=True)
    epoch = models.PositiveBigIntegerField(default=0)
    beat_at = models.DateTimeField(null=True)


class LinkSession(models.Model):
    """One life of the socket to a gateway."""

    gateway = models.ForeignKey(Gateway, on_delete=models.PROTECT)
    epoch = models.PositiveBigIntegerField()
    opened_at = models.DateTimeField()
    ready_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    server_version = models.IntegerField(null=True)
    next_valid_id = models.BigIntegerField(null=True)
    why_closed = models.TextField(blank=True)


class OrderIdMark(models.Model):
    """The highest order or request id ever used with a client id. It only rises."""

    gateway = models.ForeignKey(Gateway, on_delete=models.PROTECT)
    client_id = models.IntegerField()
    highest = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["gateway", "client_id"], name="broker_mark_once")]


class Intent(models.Model):
    """The decision to send one order, committed before a byte of it leaves."""

    LIVE = ["CLAIMED", "SENDING", "ACKED", "UNKNOWN"]

    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="intents")
    attempt = models.PositiveSmallIntegerField()
    order_ref = models.CharField(max_length=100, unique=True)
    gateway = models.ForeignKey(Gateway, on_delete=models.PROTECT)
    client_id = models.IntegerField()
    order_id = models.BigIntegerField()
    parent_order_id = models.BigIntegerField(default=0)
    transmit = models.BooleanField()
    epoch = models.PositiveBigIntegerField()
    session = models.ForeignKey(LinkSession, on_delete=models.PROTECT)
    state = models.CharField(max_length=10)
    reason_code = models.CharField(max_length=60, blank=True)
    reason = models.TextField(blank=True)
    claimed_at = models.DateTimeField()
    sending_at = models.DateTimeField(null=True)
    arrival_mid = models.DecimalField(max_digits=18, decimal_places=6, null=True)  # the market as it was sent
    arrival_spread = models.DecimalField(max_digits=18, decimal_places=6, null=True)
    written_at = models.DateTimeField(null=True)
    acked_at = models.DateTimeField(null=True)
    unknown_since = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    resolved_by = models.CharField(max_length=150, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["ticket", "attempt"], name="broker_intent_attempt_once"),
            models.UniqueConstraint(
                fields=["gateway", "client_id", "order_id"], name="broker_intent_order_id_once"
            ),
            models.UniqueConstraint(
                fields=["ticket"],
                condition=Q(state__in=["CLAIMED", "SENDING", "ACKED", "UNKNOWN"]),
                name="broker_one_live_intent_per_ticket",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["CLAIMED", "SENDING", "ACKED", "UNKNOWN", "REFUSED", "CLOSED"]),
                name="broker_intent_state_known",
            ),
        ]


class Evidence(models.Model):
    """What the broker said, as it said it. Append-only; every order and fill is a fold over these rows."""

    session = models.ForeignKey(LinkSession, on_delete=models.PROTECT)
    intent = models.ForeignKey(Intent, null=True, on_delete=models.PROTECT, related_name="evidence")
    kind = models.CharField(max_length=20)  # openOrder, orderStatus, execDetails, error, ruling, …
    order_id = models.BigIntegerField(null=True)
    client_id = models.IntegerField(null=True)
    perm_id = models.BigIntegerField(null=True, db_index=True)
    order_ref = models.CharField(max_length=100, blank=True, db_index=True)
    exec_id = models.CharField(max_length=80, blank=True, db_index=True)
    code = models.IntegerField(null=True)
    fields = models.JSONField()  # {"body": by name, "raw": as it came}
    received_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "evidence"
        indexes = [models.Index(fields=["session", "order_id"])]


class Order(models.Model):
    """The broker's order, folded from the evidence. One row for each permId; foreign ones have no intent."""

    intent = models.ForeignKey(Intent, null=True, on_delete=models.PROTECT, related_name="orders")
    gateway = models.ForeignKey(Gateway, on_delete=models.PROTECT)
    account = models.ForeignKey(Account, null=True, on_delete=models.PROTECT)
    perm_id = models.BigIntegerField(null=True)
    order_id = models.BigIntegerField()
    client_id = models.IntegerField()
    order_ref = models.CharField(max_length=100, blank=True)
    con_id = models.BigIntegerField()
    symbol = models.CharField(max_length=40)
    contract = models.ForeignKey(Contract, null=True, on_delete=models.PROTECT)
    side = models.CharField(max_length=4)
    quantity = models.DecimalField(max_digits=18, decimal_places=4)
    order_type = models.CharField(max_length=12)
    limit_price = models.DecimalField(max_digits=18, decimal_places=6, null=True)
    stop_price = models.DecimalField(max_digits=18, decimal_places=6, null=True)
    tif = models.CharField(max_length=4, blank=True)
    parent_order_id = models.BigIntegerField(default=0)
    broker_status = models.CharField(max_length=20, blank=True)  # the broker's own last word
    state = models.CharField(max_length=12)  # ours, from the fold
    filled = models.DecimalField(max_digits=18, decimal_places=4, default=0)
    remaining = models.DecimalField(max_digits=18, decimal_places=4, null=True)
    average_price = models.DecimalField(max_digits=18, decimal_places=6, null=True)
    why_held = models.CharField(max_length=60, blank=True)
    last_code = models.IntegerField(null=True)
    last_text = models.TextField(blank=True)
    flags = models.JSONField(default=list)  # late fill, second permId, …
    last_evidence = models.ForeignKey(Evidence, null=True, on_delete=models.PROTECT)
    first_seen_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["gateway", "perm_id"],
                condition=Q(perm_id__isnull=False),
                name="broker_order_perm_id_once",
            ),
            models.CheckConstraint(
                condition=Q(filled__gte=0) & Q(filled__lte=F("quantity")), name="broker_order_filled_in_range"
            ),
        ]
        indexes = [models.Index(fields=["state"]), models.Index(fields=["gateway", "client_id", "order_id"])]


class Ask(models.Model):
    """A change of a living order that somebody asked for: cancel or modify. Cancels are never gated."""

    order = models.ForeignKey(Order, null=True, on_delete=models.PROTECT)
    intent = models.ForeignKey(Intent, null=True, on_delete=models.PROTECT)
    verb = models.CharField(max_length=8)  # cancel, modify
    values = models.JSONField(default=dict)
    asked_by = models.CharField(max_length=150)
    asked_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=20, blank=True)  # confirmed, filled, refused, unknown
    reason = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(order__isnull=False) | Q(intent__isnull=False),
                name="broker_ask_is_about_something",
            ),
        ]
        indexes = [models.Index(fields=["sent_at"])]

    @property
    def order_id_asked(self) -> int:
        """The order id that the message names."""
        if self.intent is not None:
            return self.intent.order_id
        return self.order.order_id if self.order is not None else 0


class Preview(models.Model):
    """A what-if question and its answer. Unset and silent answers stay unknown; they are never zero."""

    request = models.ForeignKey(Request, on_delete=models.CASCADE)
    ticket_key = models.CharField(max_length=60)
    order = models.JSONField()
    state = models.CharField(max_length=8, default="asked")  # asked, known, unknown
    initial_margin_change = models.DecimalField(max_digits=20, decimal_places=2, null=True)
    maintenance_margin_change = models.DecimalField(max_digits=20, decimal_places=2, null=True)
    equity_after = models.DecimalField(max_digits=20, decimal_places=2, null=True)
    commission = models.DecimalField(max_digits=14, decimal_places=4, null=True)
    commission_currency = models.CharField(max_length=8, blank=True)
    problem = models.TextField(blank=True)
    asked_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["request", "ticket_key"], name="broker_preview_once")]


class LinkState(models.Model):
    """What the link knows of itself. Older than its limit, it is not to be believed."""

    gateway = models.OneToOneField(Gateway, primary_key=True, on_delete=models.CASCADE)
    state = models.CharField(max_length=14)  # down, connecting, synchronising, ready, not_ready
    reason_code = models.CharField(max_length=60, blank=True)
    reason = models.TextField(blank=True)
    session = models.ForeignKey(LinkSession, null=True, on_delete=models.SET_NULL)
    beat_at = models.DateTimeField()
    callback_at = models.DateTimeField(null=True)
    connected_at = models.DateTimeField(null=True)
    since = models.DateTimeField(null=True)  # when it became ready, or ceased to be
    snapshot_at = models.DateTimeField(null=True)  # the last complete one
    round_trip_ms = models.FloatField(null=True)
    clock_skew_ms = models.FloatField(null=True)
    loop_lag_ms = models.FloatField(null=True)
    server_version = models.IntegerField(null=True)
    client_ids = models.JSONField(default=list)
    farms = models.JSONField(default=dict)
    pacing = models.JSONField(default=dict)  # waiting, sent in the last second, allowance
    pid = models.IntegerField(null=True)
    memory_mb = models.FloatField(null=True)

    @staticmethod
    def since_when(*, ready: bool, now: datetime) -> Case:
        """For an update: on the way through the states that are not ready the beginning stays."""
        same = Q(state="ready") if ready else ~Q(state="ready")
        return Case(When(same & Q(since__isnull=False), then=F("since")), default=Value(now))


class RestartWindow(models.Model):
    """When a gateway restarts, or its broker maintains itself: nothing is sent through it then."""

    gateway = models.ForeignKey(Gateway, on_delete=models.PROTECT, related_name="restart_windows")
    title = models.CharField(max_length=60)  # daily restart, weekend maintenance
    starts = models.TimeField()
    ends = models.TimeField()  # before `starts`: on the next day
    time_zone = models.CharField(max_length=40, default="America/New_York")
    weekdays = models.CharField(max_length=7, default="1234567")  # 1 is Monday
    enabled = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["gateway", "title"], name="broker_window_titled_once"),
            models.CheckConstraint(condition=~Q(starts=F("ends")), name="broker_window_has_length"),
            models.CheckConstraint(
                condition=Q(weekdays__regex=r"^1?2?3?4?5?6?7?$") & ~Q(weekdays=""), name="broker_window_days"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title} of {self.gateway.name}, {self.starts:%H:%M}–{self.ends:%H:%M} {self.time_zone}"


class ToldList(models.Model):
    """The newest complete list of one kind that the broker told, kept whole so that it can be compared.

    An empty one is an answer. One that could not be read leaves the older rows and says so: it is unknown.
    """

    ORDERS, EXECUTIONS, POSITIONS, MONEY = "orders", "executions", "positions", "money"

    gateway = models.ForeignKey(Gateway, on_delete=models.CASCADE)
    name = models.CharField(max_length=10)
    session = models.ForeignKey(LinkSession, null=True, on_delete=models.SET_NULL)
    at = models.DateTimeField(null=True)  # when the list was complete; null while none ever was
    rows = models.JSONField(default=list)
    failed_at = models.DateTimeField(null=True)
    why = models.TextField(blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["gateway", "name"], name="broker_list_once")]

    def __str__(self) -> str:
        return f"{self.name} of {self.gateway.name}"
