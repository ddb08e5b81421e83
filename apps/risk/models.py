from django.db import models
from django.db.models import F, Q


class LimitSet(models.Model):
    """All limits in force from one moment on. Insert-only; each edit is the next version of the whole set."""

    version = models.PositiveIntegerField(primary_key=True)
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=150)
    reason = models.TextField()
    changes = models.JSONField()  # [{scope, name, old, new}, …]
    values = models.JSONField()  # {scope: {name: text}}; scopes: global, account:DU…, strategy:…

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="risk_limitset_has_reason"),
        ]

    def __str__(self) -> str:
        return f"limits v {self.version}"


class Verdict(models.Model):
    """One check, once: what was measured against which limit, and what came of it."""

    subject_kind = models.CharField(max_length=10)  # plan, request, ticket
    subject_id = models.BigIntegerField()
    stage = models.CharField(max_length=10)  # proposal, approval, claim
    round = models.PositiveIntegerField(default=1)  # how many times this stage was judged
    position = models.PositiveSmallIntegerField()
    check_name = models.CharField(max_length=40)
    title = models.CharField(max_length=80)
    measured = models.CharField(max_length=80)
    limit = models.CharField(max_length=80)
    outcome = models.CharField(max_length=5)
    reason_code = models.CharField(max_length=60)
    about = models.CharField(max_length=60, blank=True)  # the line or ticket it speaks of
    limit_set = models.ForeignKey(LimitSet, on_delete=models.PROTECT)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome__in=["pass", "warn", "block"]), name="risk_verdict_outcome_known"
            ),
        ]
        indexes = [models.Index(fields=["subject_kind", "subject_id", "stage", "round"])]


class Reservation(models.Model):
    """Room under the day's limits that a ticket holds from its claim on.

    It is held at its worst case while the order may fill, used by what filled, and freed when nothing did.
    """

    HELD, USED, FREED = "held", "used", "freed"

    ticket_key = models.CharField(max_length=60, unique=True)
    account_code = models.CharField(max_length=20, db_index=True)
    trading_day = models.DateField()
    worst_case = models.DecimalField(max_digits=20, decimal_places=2)
    amount = models.DecimalField(max_digits=20, decimal_places=2)  # what counts now
    state = models.CharField(max_length=5, default=HELD)
    held_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)
    settled_by = models.CharField(max_length=60, blank=True)  # the evidence

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount__gte=0), name="risk_reservation_not_negative"),
            models.CheckConstraint(
                condition=Q(state__in=["held", "used", "freed"]), name="risk_reservation_state_known"
            ),
            models.CheckConstraint(
                condition=Q(state="held") | Q(settled_at__isnull=False), name="risk_reservation_settled_when"
            ),
        ]


class Stop(models.Model):
    """The stop level of one scope. `epoch` rises with each change, so that a claim can see one in between."""

    ACTIVE, REDUCE_ONLY, HALTED = "ACTIVE", "REDUCE_ONLY", "HALTED"

    scope = models.CharField(max_length=10)  # global, account, strategy
    key = models.CharField(max_length=60, blank=True)
    level = models.CharField(max_length=12, default=ACTIVE)
    epoch = models.PositiveBigIntegerField(default=1)
    since = models.DateTimeField()
    by = models.CharField(max_length=150)
    reason = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["scope", "key"], name="risk_stop_one_per_scope"),
            models.CheckConstraint(
                condition=Q(level__in=["ACTIVE", "REDUCE_ONLY", "HALTED"]), name="risk_stop_level_known"
            ),
        ]


class Stopping(models.Model):
    """One stop from the moment somebody asked for it to its end: blocked, cancelled, confirmed, flat.

    It is written with the stop level itself. Whoever finds it unfinished, after a restart or beside a dead
    process, goes on where it stands.
    """

    BLOCKED, CANCELLING, FLATTENING, CLOSING, ENDED = (
        "blocked",
        "cancelling",
        "flattening",
        "closing",
        "ended",
    )

    STOP, CLOSE_OUT, CLEAN_UP = "stop", "close out", "clean up"

    # A stop is somebody's; the other two are steps of the day and set no stop level.
    purpose = models.CharField(max_length=10, default=STOP)
    account_code = models.CharField(max_length=20, blank=True)  # a step of the day is one account's
    day = models.DateField(null=True)  # whose step it is
    scope = models.CharField(max_length=10)
    key = models.CharField(max_length=60, blank=True)
    level = models.CharField(max_length=12)
    flatten = models.BooleanField(default=False)
    epoch = models.PositiveBigIntegerField()  # of its scope's stop, when it was asked for
    asked_at = models.DateTimeField()
    by = models.CharField(max_length=150)
    reason = models.TextField(blank=True)
    state = models.CharField(max_length=10, default=BLOCKED)
    swept_at = models.DateTimeField(null=True)  # every cancel is asked for
    gone_at = models.DateTimeField(null=True)  # the flattening may begin: gone, or given up on
    flat_at = models.DateTimeField(null=True)  # the broker and our books both say that nothing is held
    ended_at = models.DateTimeField(null=True)
    rounds = models.PositiveSmallIntegerField(default=0)  # how often closes were written
    note = models.TextField(blank=True)  # what a person must know beside the rows

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["blocked", "cancelling", "flattening", "closing", "ended"]),
                name="risk_stopping_state_known",
            ),
            models.CheckConstraint(
                condition=Q(level__in=["REDUCE_ONLY", "HALTED"]), name="risk_stopping_level_known"
            ),
            models.CheckConstraint(
                condition=Q(flat_at__isnull=True) | Q(flatten=True), name="risk_stopping_flat_when_asked"
            ),
            models.CheckConstraint(
                condition=~Q(state="ended") | Q(ended_at__isnull=False), name="risk_stopping_ended_when"
            ),
            models.CheckConstraint(
                condition=Q(purpose="stop", day__isnull=True, account_code="")
                | (Q(purpose__in=["close out", "clean up"], day__isnull=False) & ~Q(account_code="")),
                name="risk_stopping_purpose",
            ),
            models.UniqueConstraint(
                fields=["purpose", "account_code", "key", "day"],
                condition=~Q(purpose="stop"),
                name="risk_step_once_a_session",
            ),
        ]
        indexes = [models.Index(fields=["state"])]

    def __str__(self) -> str:
        return f"{self.purpose} {self.pk}"


class StoppedOrder(models.Model):
    """What became of one order under one stop. Nothing but the broker's word makes it confirmed."""

    ASKED, PENDING, CONFIRMED, FILLED = "asked", "pending", "confirmed", "filled"
    UNKNOWN, FAILED = "unknown", "failed"
    FINAL = [CONFIRMED, FILLED, FAILED]
    CANCEL, CLOSE = "cancel", "close"

    stopping = models.ForeignKey(Stopping, on_delete=models.CASCADE, related_name="orders")
    kind = models.CharField(max_length=6, default=CANCEL)
    reference = models.CharField(max_length=100)  # our reference, or the broker's permId of another's
    ticket_key = models.CharField(max_length=60, blank=True)
    account_code = models.CharField(max_length=20, blank=True)
    symbol = models.CharField(max_length=40)
    side = models.CharField(max_length=4)
    quantity = models.DecimalField(max_digits=18, decimal_places=4)
    client_id = models.IntegerField(default=0)
    order_id = models.BigIntegerField(default=0)
    result = models.CharField(max_length=9, default=ASKED)
    reason = models.TextField(blank=True)
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["stopping", "reference"], name="risk_stopped_order_once"),
            models.CheckConstraint(
                condition=Q(result__in=["asked", "pending", "confirmed", "filled", "unknown", "failed"]),
                name="risk_stopped_order_result_known",
            ),
        ]
        indexes = [models.Index(fields=["stopping", "result"])]


class BreakerTrip(models.Model):
    """One breaker has tripped, for the desk or one strategy; open until a person has reset it."""

    name = models.CharField(max_length=40)
    strategy = models.CharField(max_length=60, blank=True)
    measured = models.CharField(max_length=40)
    threshold = models.CharField(max_length=40)
    action = models.CharField(max_length=12)  # the stop level it set; ACTIVE is a warning
    reason = models.TextField()
    tripped_at = models.DateTimeField()
    reset_at = models.DateTimeField(null=True)
    reset_by = models.CharField(max_length=150, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["name", "strategy"], condition=Q(reset_at=None), name="risk_one_open_trip"
            ),
            models.CheckConstraint(
                condition=Q(reset_at__isnull=True) | ~Q(reset_by=""), name="risk_trip_reset_by_whom"
            ),
        ]


class BreakerPause(models.Model):
    """A breaker is switched off until then, by a person with a reason. There is no for ever."""

    name = models.CharField(max_length=40)
    until = models.DateTimeField()
    by = models.CharField(max_length=150)
    reason = models.TextField()
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)  # switched on again before its time

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(until__gt=F("made_at")), name="risk_pause_ends"),
            models.CheckConstraint(condition=~Q(reason=""), name="risk_pause_has_reason"),
        ]


class BreakerReading(models.Model):
    """What was measured last, for the page: one row a breaker and strategy."""

    name = models.CharField(max_length=40)
    strategy = models.CharField(max_length=60, blank=True)
    measured = models.DecimalField(max_digits=20, decimal_places=4, null=True)
    threshold = models.DecimalField(max_digits=20, decimal_places=4)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["name", "strategy"], name="risk_one_reading"),
        ]


class LimitTouch(models.Model):
    """The table of limits was written to by something else than the action. A trigger notes it."""

    at = models.DateTimeField()
    operation = models.CharField(max_length=10)
    version = models.PositiveIntegerField()
    by = models.TextField()  # the database's user, and the program's name as it gave it
    seen = models.BooleanField(default=False)  # somebody has looked into it and released the stop
