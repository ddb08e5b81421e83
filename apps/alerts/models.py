from django.db import models
from django.db.models import Q

from apps.alerts.ports import CLASSES, KINDS, SEVERITIES


def every_class() -> list[str]:
    return list(CLASSES)


class Channel(models.Model):
    """One way to reach people. Its address opens the service, so it is kept encrypted and shown masked."""

    name = models.CharField(max_length=60, unique=True)
    address = models.TextField()  # encrypted under the desk's own key
    shown = models.CharField(max_length=60)
    enabled = models.BooleanField(default=True)
    classes = models.JSONField(default=every_class)
    holder = models.CharField(
        max_length=150, blank=True
    )  # whose phone it is; empty for a role's or everybody's
    role = models.CharField(max_length=12, blank=True)
    step = models.PositiveSmallIntegerField(default=0)  # a critical alarm comes here after so many waits
    quiet_from = models.TimeField(null=True)
    quiet_to = models.TimeField(null=True)
    zone = models.CharField(max_length=40, default="America/New_York")

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(name="") & ~Q(address=""), name="alerts_channel_named"),
            models.CheckConstraint(
                condition=Q(quiet_from__isnull=True, quiet_to__isnull=True)
                | Q(quiet_from__isnull=False, quiet_to__isnull=False),
                name="alerts_channel_quiet_both",
            ),
            models.CheckConstraint(condition=Q(holder="") | Q(role=""), name="alerts_channel_one_holder"),
            models.CheckConstraint(condition=Q(step__lte=3), name="alerts_channel_step"),
        ]

    def __str__(self) -> str:
        return self.name


class Alarm(models.Model):
    """Something that a person has to know of: raised, acknowledged, over. The same thing twice is one row."""

    code = models.CharField(max_length=40)
    subject = models.CharField(max_length=120, blank=True)
    account = models.CharField(max_length=20, blank=True)
    severity = models.CharField(max_length=8)
    text = models.TextField()
    href = models.CharField(max_length=200, blank=True)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    count = models.PositiveIntegerField(default=1)
    told_at = models.DateTimeField()
    acknowledged_at = models.DateTimeField(null=True)
    acknowledged_by = models.CharField(max_length=150, blank=True)
    ended_at = models.DateTimeField(null=True)
    step = models.PositiveSmallIntegerField(default=0)
    escalates_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["code", "subject"], condition=Q(ended_at__isnull=True), name="alerts_alarm_open_once"
            ),
            models.CheckConstraint(condition=Q(severity__in=list(SEVERITIES)), name="alerts_alarm_severity"),
            models.CheckConstraint(
                condition=Q(acknowledged_at__isnull=True) | ~Q(acknowledged_by=""),
                name="alerts_alarm_acknowledged_by",
            ),
        ]
        indexes = [models.Index(fields=["ended_at", "severity"]), models.Index(fields=["code", "subject"])]

    def __str__(self) -> str:
        return f"{self.code} {self.subject}".strip()


class Message(models.Model):
    """Something to be told. Whoever moves it from queued to sending tells it."""

    QUEUED, SENDING, DONE, FAILED, SILENT = "queued", "sending", "done", "failed", "silent"

    key = models.CharField(max_length=160, unique=True)
    kind = models.CharField(max_length=10)
    severity = models.CharField(max_length=8, blank=True)  # of an alarm
    code = models.CharField(max_length=40, blank=True)
    subject = models.CharField(max_length=120, blank=True)
    account = models.CharField(max_length=20, blank=True)
    href = models.CharField(max_length=200, blank=True)
    title = models.CharField(max_length=200)
    body = models.TextField()
    count = models.PositiveIntegerField(default=1)  # how many of a kind were folded into it
    window = models.BigIntegerField(null=True)  # the countdown that waits for its delivery
    alarm = models.ForeignKey(Alarm, null=True, on_delete=models.PROTECT, related_name="messages")
    step = models.PositiveSmallIntegerField(default=0)  # of the escalation
    only = models.ForeignKey(Channel, null=True, on_delete=models.PROTECT)  # a test of one channel
    state = models.CharField(max_length=7, default=QUEUED)
    rank = models.PositiveSmallIntegerField(default=2)  # countdowns 0, critical alarms 1, the rest 2
    attempts = models.PositiveSmallIntegerField(default=0)
    made_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)  # not before; null is now
    claimed_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["queued", "sending", "done", "failed", "silent"]),
                name="alerts_message_state",
            ),
            models.CheckConstraint(condition=Q(kind__in=list(KINDS)), name="alerts_message_kind"),
            models.CheckConstraint(
                condition=~Q(kind="alarm") | Q(severity__in=list(SEVERITIES)), name="alerts_alarm_is_grave"
            ),
        ]
        indexes = [
            models.Index(fields=["state", "rank", "made_at"]),
            models.Index(fields=["code", "subject", "made_at"]),
        ]

    def __str__(self) -> str:
        return self.key

    @property
    def row(self) -> str:
        """The row of a channel's matrix that it belongs to."""
        return self.severity if self.kind == "alarm" else self.kind


class Delivery(models.Model):
    """What one channel answered to one attempt at one message."""

    message = models.ForeignKey(Message, on_delete=models.PROTECT, related_name="deliveries")
    channel = models.ForeignKey(Channel, on_delete=models.PROTECT, related_name="deliveries")
    attempt = models.PositiveSmallIntegerField(default=1)
    at = models.DateTimeField()
    arrived = models.BooleanField()
    milliseconds = models.PositiveIntegerField()
    reason_code = models.CharField(max_length=60, blank=True)

    class Meta:
        verbose_name_plural = "deliveries"
        constraints = [
            models.UniqueConstraint(fields=["message", "channel", "attempt"], name="alerts_delivery_once"),
            models.CheckConstraint(
                condition=Q(arrived=True) | ~Q(reason_code=""), name="alerts_failure_has_reason"
            ),
        ]
        indexes = [models.Index(fields=["channel", "-at"])]


class Policy(models.Model):
    """How long the desk waits: one row."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    escalate_after = models.PositiveIntegerField(default=60)  # seconds until the next step
    fold_within = models.PositiveIntegerField(default=60)  # seconds in which the same thing is told once

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(id=1), name="alerts_policy_only_one"),
            models.CheckConstraint(
                condition=Q(escalate_after__gte=30, escalate_after__lte=3600), name="alerts_policy_escalates"
            ),
            models.CheckConstraint(condition=Q(fold_within__lte=3600), name="alerts_policy_folds"),
        ]


class OutsideBeat(models.Model):
    """The last sign of life that was given to the outside, or withheld from it: one row."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    tried_at = models.DateTimeField()
    taken_at = models.DateTimeField(null=True)
    failures = models.PositiveIntegerField(default=0)  # one after the other
    reason_code = models.CharField(max_length=60, blank=True)
    reason = models.TextField(blank=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="alerts_outside_beat_only_one")]


class Bookmark(models.Model):
    """How far the journal was read for alerts."""

    name = models.CharField(max_length=20, primary_key=True)
    sequence = models.BigIntegerField(default=0)


class SpentLink(models.Model):
    """A link that did its work. The words it was made of are not kept."""

    digest = models.CharField(max_length=64, primary_key=True)
    kind = models.CharField(max_length=10)
    at = models.DateTimeField()
