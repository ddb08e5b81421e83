"""The record: the chain is whole, nothing changed in silence, the link claims nothing it has not seen."""

import itertools
from collections.abc import Iterator
from datetime import datetime

from django.db.models import CharField, Exists, OuterRef, Q
from django.db.models.functions import Cast

from apps.broker.models import Intent, LinkState
from apps.journal.models import Entry, Head
from apps.journal.queries import problem

NEWEST = 2_000  # lines that are walked every time; the whole chain is walked by verify_journal


def journal_broken(since: datetime) -> Iterator[str]:
    """S12: one of the newest lines is missing, or is not as it was written."""
    stands = Head.objects.get(pk=1)
    rows = list(Entry.objects.filter(sequence__lte=stands.sequence).order_by("-sequence")[:NEWEST])[::-1]
    if stands.sequence and (not rows or rows[-1].hash != stands.hash):
        yield "the journal's head does not fit its last line"
    for before, entry in itertools.pairwise(rows):
        finding = problem(entry, before.sequence, before.hash)
        if finding is not None:
            yield finding.text
            return


def silent_changes(since: datetime) -> Iterator[str]:
    """S12: an attempt was sent or ended without its line."""

    def line(verb: str) -> Exists:
        return Exists(
            Entry.objects.filter(verb=verb, subject_kind="broker.intent", subject_id=OuterRef("name"))
        )

    rows = Intent.objects.annotate(name=Cast("pk", CharField())).filter(claimed_at__gte=since)
    for intent in rows.filter(sending_at__isnull=False).exclude(line("mark_sending")):
        yield f"{intent.order_ref} was sent without a line"
    said = Q(line("intent_acked")) | Q(line("intent_closed")) | Q(line("intent_refused"))
    for intent in rows.filter(acked_at__isnull=False).exclude(said):
        yield f"{intent.order_ref} was answered without a line"


def claims_of_the_link(since: datetime) -> Iterator[str]:
    """S12: a link that calls itself ready without a session that read everything."""
    for row in LinkState.objects.filter(state="ready").select_related("session"):
        if row.session is None or row.session.ready_at is None:
            yield f"the link to gateway {row.gateway_id} says ready and never was"
