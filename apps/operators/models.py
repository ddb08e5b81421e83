"""What people may reach, how they like the screens, and what waits for a second one of them.

Who they are is Django's own user; their roles are its groups.
"""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

THEMES = ("system", "light", "dark")
DENSITIES = ("comfortable", "compact")
COLOURS = ("green-up", "red-up", "blue-orange")


class Preference(models.Model):
    """One operator's screens."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="preference")
    theme = models.CharField(max_length=12, choices=[(name, name) for name in THEMES], default="system")
    density = models.CharField(max_length=12, choices=[(name, name) for name in DENSITIES], default="compact")
    primary_zone = models.CharField(max_length=40, default="America/New_York")
    colours = models.CharField(max_length=12, choices=[(name, name) for name in COLOURS], default="green-up")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(theme__in=THEMES), name="operators_preference_theme"),
            models.CheckConstraint(condition=Q(density__in=DENSITIES), name="operators_preference_density"),
            models.CheckConstraint(condition=Q(colours__in=COLOURS), name="operators_preference_colours"),
            models.CheckConstraint(condition=~Q(primary_zone=""), name="operators_preference_zone"),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.theme}, {self.density}"


class SavedView(models.Model):
    """What one operator filters a table by, under a name of their own."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="saved_views")
    page = models.CharField(max_length=20)
    name = models.CharField(max_length=40)
    query = models.CharField(max_length=500, blank=True)  # what stands behind the question mark

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "page", "name"], name="operators_view_named_once"),
            models.CheckConstraint(condition=~Q(page="") & ~Q(name=""), name="operators_view_named"),
        ]

    def __str__(self) -> str:
        return f"{self.page}: {self.name}"


class Token(models.Model):
    """What a program shows at the API's door. Only its hash is kept; the words were shown once."""

    name = models.CharField(max_length=60, unique=True)
    digest = models.CharField(max_length=64, unique=True)
    scopes = models.JSONField(default=list)
    strategy = models.CharField(max_length=60, blank=True)  # the only strategy it may act for; empty for any
    account = models.CharField(max_length=20, blank=True)
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=150)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(digest__regex=r"^[0-9a-f]{64}$"), name="operators_token_hashed"
            ),
            models.CheckConstraint(condition=~Q(name="") & ~Q(scopes=[]), name="operators_token_scoped"),
        ]

    def __str__(self) -> str:
        return self.name


class Reach(models.Model):
    """An account that a person may see and act on. Without a row there is none; a star is every account."""

    EVERY = "*"

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="reach")
    account = models.CharField(max_length=20)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "account"], name="operators_reach_once"),
            models.CheckConstraint(condition=~Q(account=""), name="operators_reach_named"),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.account}"


class Second(models.Model):
    """Something that one person asked for and that another one has to say yes to."""

    WAITING, CONFIRMED, DECLINED, EXPIRED = "waiting", "confirmed", "declined", "expired"
    STATES = (WAITING, CONFIRMED, DECLINED, EXPIRED)

    kind = models.CharField(max_length=20)
    payload = models.JSONField()
    reason = models.TextField()
    asked_by = models.CharField(max_length=150)
    asked_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    state = models.CharField(max_length=10, default=WAITING)
    decided_by = models.CharField(max_length=150, blank=True)
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=("waiting", "confirmed", "declined", "expired")),
                name="operators_second_state_known",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="operators_second_has_reason"),
            models.CheckConstraint(
                condition=~Q(state="confirmed") | (~Q(decided_by="") & ~Q(decided_by=F("asked_by"))),
                name="operators_second_is_another",
            ),
            models.CheckConstraint(
                condition=Q(state="waiting") | Q(decided_at__isnull=False),
                name="operators_second_decided_when",
            ),
        ]
        indexes = [models.Index(fields=["state", "expires_at"])]

    def __str__(self) -> str:
        return f"{self.kind} asked by {self.asked_by}"
