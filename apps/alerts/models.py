from django.db import models
from django.db.models import Q

from apps.alerts.ports import CLASSES


def every_class() -> list[str]:
    return list(CLASSES)


class Channel(models.Model):
    """One way to reach people. Its address opens the service, so it is kept encrypted and shown masked."""

    name = models.CharField(max_length=60, unique=True)
    address = models.TextField()  # encrypted under the desk's own key
    shown = models.CharField(max_length=60)
    enabled = models.BooleanField(default=True)
    classes = models.JSONField(default=every_class)
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
        ]

    def __str__(self) -> str:
        return self.name


class Message(models.Model):
    """Something to be told. Whoever moves it from queued to sending tells it."""

    QUEUED, SENDING, DONE, FAILED = "queued", "sending", "done", "failed"

    key = models.CharField(max_length=80, unique=True)
    kind = models.CharField(max_length=10)
    title = models.CharField(max_length=200)
    body = models.TextField()
    window = models.BigIntegerField(null=True)  # the countdown that waits for its delivery
    only = models.ForeignKey(Channel, null=True, on_delete=models.PROTECT)  # a test of one channel
    state = models.CharField(max_length=7, default=QUEUED)
    made_at = models.DateTimeField()
    claimed_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["queued", "sending", "done", "failed"]), name="alerts_message_state"
            ),
            models.CheckConstraint(condition=Q(kind__in=list(CLASSES)), name="alerts_message_kind"),
        ]
        indexes = [models.Index(fields=["state", "made_at"])]

    def __str__(self) -> str:
        return self.key


class Delivery(models.Model):
    """What one channel answered to one message."""

    message = models.ForeignKey(Message, on_delete=models.PROTECT, related_name="deliveries")
    channel = models.ForeignKey(Channel, on_delete=models.PROTECT, related_name="deliveries")
    at = models.DateTimeField()
    arrived = models.BooleanField()
    milliseconds = models.PositiveIntegerField()
    reason_code = models.CharField(max_length=60, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["message", "channel"], name="alerts_delivery_once"),
            models.CheckConstraint(
                condition=Q(arrived=True) | ~Q(reason_code=""), name="alerts_failure_has_reason"
            ),
        ]
        indexes = [models.Index(fields=["channel", "-at"])]


class Bookmark(models.Model):
    """How far the journal was read for alerts."""

    name = models.CharField(max_length=20, primary_key=True)
    sequence = models.BigIntegerField(default=0)


class SpentLink(models.Model):
    """A link that did its work. The words it was made of are not kept."""

    digest = models.CharField(max_length=64, primary_key=True)
    kind = models.CharField(max_length=10)
    at = models.DateTimeField()
