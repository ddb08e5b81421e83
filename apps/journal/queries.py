"""Reading the journal, and checking that nobody has touched it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from apps.journal.models import Entry, Head
from apps.journal.ports import GENESIS

AT_ONCE = 2000
SEARCHED = ("verb", "actor", "subject_kind", "subject_id", "account", "reason_code", "reason", "request_id")


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong with the chain, at the first row where it shows."""

    sequence: int
    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Verification:
    """The result of walking the whole chain."""

    rows: int
    last: int
    last_hash: str
    finding: Finding | None


def head() -> tuple[int, str]:
    """Return where the chain ends."""
    row = Head.objects.get(pk=1)
    return row.sequence, row.hash


def entries_after(sequence: int, limit: int = 500) -> list[Entry]:
    """Return what was written after a number, oldest first."""
    return list(Entry.objects.filter(sequence__gt=sequence).order_by("sequence")[:limit])


def verify(anchor: tuple[int, str] | None = None) -> Verification:
    """Walk the chain from its beginning and return the first thing that is wrong, if any."""
    known = head()
    rows, last, last_hash = 0, 0, GENESIS
    for entry in stream():
        finding = problem(entry, last, last_hash) or anchor_problem(entry, anchor)
        if finding:
            return Verification(rows, last, last_hash, finding)
        rows, last, last_hash = rows + 1, entry.sequence, entry.hash
    return Verification(rows, last, last_hash, end_problem((last, last_hash), known, anchor))


def stream() -> Iterator[Entry]:
    """Read the rows in order without holding them all."""
    return Entry.objects.order_by("sequence").iterator(chunk_size=AT_ONCE)


def problem(entry: Entry, last: int, last_hash: str) -> Finding | None:
    """Compare one row with the one before it and with its own hash."""
    number = entry.sequence
    if number != last + 1:
        missing = f"row {last + 1} is" if number == last + 2 else f"rows {last + 1} to {number - 1} are"
        return Finding(last + 1, "JOURNAL_GAP", f"{missing} missing before row {number}")
    if entry.previous_hash != last_hash:
        parent = Entry.objects.filter(hash=entry.previous_hash).values_list("sequence", flat=True).first()
        if parent is not None:
            return Finding(
                number, "JOURNAL_ORDER", f"row {number} was written after row {parent}, not {last}"
            )
        return Finding(
            number, "JOURNAL_LINK", f"row {number} does not continue row {last}: one of them was replaced"
        )
    if entry.as_value().digest() != entry.hash:
        return Finding(
            number, "JOURNAL_EDITED", f"row {number} does not say what it said when it was written"
        )
    return None


def anchor_problem(entry: Entry, anchor: tuple[int, str] | None) -> Finding | None:
    """Compare a row with a hash that somebody kept elsewhere: it catches a chain rewritten as a whole."""
    if anchor and entry.sequence == anchor[0] and not entry.hash.startswith(anchor[1]):
        return Finding(
            entry.sequence, "JOURNAL_ANCHOR", f"row {entry.sequence} is not the row that was noted down"
        )
    return None


def end_problem(
    end: tuple[int, str], known: tuple[int, str], anchor: tuple[int, str] | None
) -> Finding | None:
    """Compare the chain's end with the head, which rows written meanwhile may have moved on."""
    last, stands = end[0], known[0]
    if last < stands:
        return Finding(last + 1, "JOURNAL_GAP", f"row {last + 1} is missing: the head stands at {stands}")
    fits = end == known if last == stands else Entry.objects.filter(sequence=stands, hash=known[1]).exists()
    if stands and not fits:
        return Finding(stands, "JOURNAL_HEAD", f"the head's hash is not that of row {stands}")
    if last and not stands:
        return Finding(1, "JOURNAL_HEAD", "the head says that the journal is empty")
    if anchor and last < anchor[0]:
        return Finding(anchor[0], "JOURNAL_ANCHOR", f"row {anchor[0]} was noted down and is not there")
    return None


def head_sequence() -> int:
    """The number of the last line."""
    return Head.objects.values_list("sequence", flat=True).get(pk=1)


def search(text: str, *, before: int | None = None, limit: int = 100) -> list[Entry]:
    """Lines in which a text stands, newest first; every word of it must stand somewhere."""
    rows = Entry.objects.order_by("-sequence")
    if before is not None:
        rows = rows.filter(sequence__lt=before)
    for word in text.split():
        found = Q(hash__startswith=word)
        for place in SEARCHED:
            found |= Q(**{f"{place}__icontains": word})
        rows = rows.filter(found)
    return list(rows[:limit])


def entries_about(about: Iterable[tuple[str, Iterable[str]]], limit: int = 200) -> QuerySet[Entry]:
    """Lines about these subjects: pairs of a kind and its keys; newest first."""
    wanted = Q(pk__in=[])
    for kind, keys in about:
        wanted |= Q(subject_kind=kind, subject_id__in=list(keys))
    return Entry.objects.filter(wanted).order_by("-sequence")[:limit]


def entries_between(start: datetime, end: datetime, verbs: Iterable[str]) -> QuerySet[Entry]:
    return Entry.objects.filter(at__gte=start, at__lt=end, verb__in=list(verbs)).order_by("sequence")
