"""Gateways, accounts, strategies, and the phase of each pair of the last two."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Upper

from apps.desks.ports import MODES, PHASES, SYSTEMS, mask


class Gateway(models.Model):
    """One IB Gateway (or its simulator) that a link dials."""

    name = models.CharField(max_length=40, unique=True)
    host = models.CharField(max_length=255, default="127.0.0.1")
    port = models.PositiveIntegerField()
    client_id = models.PositiveIntegerField(default=11)
    mode = models.CharField(max_length=5, choices=[(mode, mode) for mode in MODES])

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["host", "port", "client_id"], name="desks_gateway_one_seat_once"),
            models.CheckConstraint(condition=Q(port__gte=1, port__lte=65535), name="desks_gateway_port"),
            models.CheckConstraint(condition=Q(client_id__gte=1), name="desks_gateway_client_not_master"),
            models.CheckConstraint(condition=Q(mode__in=MODES), name="desks_gateway_mode"),
            models.CheckConstraint(condition=~Q(name="") & ~Q(host=""), name="desks_gateway_named"),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.mode})"


class Account(models.Model):
    """One account at the broker, reached through one gateway."""

    code = models.CharField(max_length=20, unique=True)
    gateway = models.ForeignKey(Gateway, on_delete=models.PROTECT, related_name="accounts")
    base_currency = models.CharField(max_length=3, default="USD")
    title = models.CharField(max_length=80, blank=True, default="")
    enabled = models.BooleanField(default=True)

    class Meta:
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                condition=Q(code__regex=r"^D?[UFI][0-9]{3,}$"), name="desks_account_code_shape"
            ),
            models.CheckConstraint(
                condition=Q(base_currency__regex=r"^[A-Z]{3}$"), name="desks_account_currency_shape"
            ),
        ]

    def __str__(self) -> str:
        return self.title or self.masked()

    def masked(self) -> str:
        """Return the code as screens and logs may show it."""
        return mask(self.code)


class Strategy(models.Model):
    """One of the five strategy systems under a name and with its parameters."""

    name = models.CharField(max_length=60, unique=True)
    system = models.PositiveSmallIntegerField(choices=list(SYSTEMS.items()))
    title = models.CharField(max_length=120, blank=True, default="")
    parameters = models.JSONField(default=dict, blank=True)

    class Meta:
        verbose_name_plural = "strategies"
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(condition=Q(system__in=list(SYSTEMS)), name="desks_strategy_system"),
            models.CheckConstraint(
                condition=Q(name__regex=r"^[a-z][a-z0-9-]*$"), name="desks_strategy_name_shape"
            ),
            models.UniqueConstraint(Upper("title"), name="desks_strategy_title_once", condition=~Q(title="")),
        ]

    def __str__(self) -> str:
        return self.title or self.name


class Phase(models.Model):
    """How far a strategy is trusted with an account: crawl, walk or run."""

    strategy = models.ForeignKey(Strategy, on_delete=models.PROTECT, related_name="phases")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="phases")
    phase = models.CharField(max_length=5, choices=[(phase, phase) for phase in PHASES], default="crawl")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["strategy", "account"], name="desks_phase_one_per_pair"),
            models.CheckConstraint(condition=Q(phase__in=PHASES), name="desks_phase_known"),
        ]

    def __str__(self) -> str:
        return f"{self.strategy} on {self.account}: {self.phase}"


class Heartbeat(models.Model):
    """When a kind of process last showed that it lives; the link has a row of its own."""

    process = models.CharField(max_length=20, primary_key=True)
    beat_at = models.DateTimeField()
    since = models.DateTimeField(null=True)  # from then on without a pause

    def __str__(self) -> str:
        return self.process
