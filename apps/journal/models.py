"""The journal's two tables. Triggers in the database keep them append-only; see the first migration."""

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import F, Q

from apps.journal.ports import GENESIS, Record


class Entry(models.Model):
    """One thing that happened: who did what to which subject, why, and what it was before and after."""

    ACTOR_KINDS = [(kind, kind) for kind in ("user", "system", "token", "link")]

    sequence = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField()
    actor_kind = models.CharField(max_length=8, choices=ACTOR_KINDS)
    actor = models.CharField(max_length=150)
    verb = models.CharField(max_length=80)
    subject_kind = models.CharField(max_length=80)
    subject_id = models.CharField(max_length=80)
    account = models.CharField(max_length=32, blank=True, default="")
    reason_code = models.CharField(max_length=80, blank=True, default="")
    reason = models.TextField(blank=True, default="")
    before = models.JSONField(null=True, encoder=DjangoJSONEncoder)
    after = models.JSONField(null=True, encoder=DjangoJSONEncoder)
    request_id = models.CharField(max_length=64, blank=True, default="")
    previous_hash = models.CharField(max_length=64, unique=True)
    hash = models.CharField(max_length=64, unique=True)

    class Meta:
        ordering = ["-sequence"]
        verbose_name_plural = "entries"
        constraints = [
            models.CheckConstraint(condition=Q(sequence__gte=1), name="journal_entry_sequence_positive"),
            models.CheckConstraint(
                condition=Q(actor_kind__in=["user", "system", "token", "link"]),
                name="journal_entry_actor_kind",
            ),
            models.CheckConstraint(
                condition=~Q(verb="") & ~Q(actor="") & ~Q(subject_kind=""), name="journal_entry_says_who_what"
            ),
            models.CheckConstraint(
                condition=Q(hash__regex=r"^[0-9a-f]{64}$"), name="journal_entry_hash_shape"
            ),
            models.CheckConstraint(
                condition=~Q(hash=F("previous_hash")), name="journal_entry_not_its_own_parent"
            ),
        ]
        indexes = [
            models.Index(fields=["subject_kind", "subject_id", "sequence"], name="journal_entry_subject"),
            models.Index(fields=["account", "sequence"], name="journal_entry_account"),
            models.Index(fields=["at"], name="journal_entry_at"),
        ]

    def __str__(self) -> str:
        return f"{self.sequence} {self.verb} {self.subject_kind} {self.subject_id}"

    def as_value(self) -> Record:
        """Return what the hash is taken over."""
        return Record(**{name: getattr(self, name) for name in Record.__dataclass_fields__})


class Head(models.Model):
    """The one row that says where the chain ends. Writers lock it, so numbers have no gaps."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    sequence = models.BigIntegerField(default=0)
    hash = models.CharField(max_length=64, default=GENESIS)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="journal_head_only_one")]

    def __str__(self) -> str:
        return f"{self.sequence} {self.hash[:12]}"
