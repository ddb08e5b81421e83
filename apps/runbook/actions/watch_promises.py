"""Look at the twelve invariants in one instant; what is broken is told, and what is grave halts trading.

A halt and no more: working orders are left alone, the exits among them protect positions. It is set once for
each finding, so that a person who has looked and released it is not overruled a minute later.
"""

from collections.abc import Sequence
from datetime import datetime

from django.db import connection, transaction

from apps.journal.actions.write_entry import write_entry
from apps.journal.ports import Actor
from apps.risk.actions.set_stop import set_stop
from apps.risk.models import Stop
from apps.runbook.invariants import Broken, broken_invariants
from apps.runbook.models import BrokenPromise

REASONS = {
    "INVARIANT_BROKEN": "Something was found in the tables that should be impossible.",
    "INVARIANT_HOLDS_AGAIN": "What was found broken is in order again.",
}
WATCH = Actor("system", "invariants")
# Orders nobody decided, doubled orders, limits overrun, a record that was touched: nothing more may leave.
# S7 (an end without evidence) and S11 (sent too late) are past; they need a person, not a stop.
GRAVE = frozenset({"S1", "S2", "S3", "S4", "S5", "S6", "S8", "S9", "S10", "S12"})


def watch_promises(now: datetime) -> str:
    """In a few words what was found; empty when all hold and did before."""
    found = dict.fromkeys(look(now))
    with transaction.atomic():
        standing = list(BrokenPromise.objects.select_for_update().filter(ended_at=None))
        known = {(row.invariant, row.text): row for row in standing}
        fresh = [broken for broken in found if (broken.invariant, broken.text) not in known]
        _halt([broken for broken in fresh if broken.invariant in GRAVE])
        for broken in fresh:
            _begin(broken, now)
        ended = [row for key, row in known.items() if Broken(*key) not in found]
        for row in ended:
            _end(row, now)
        kept = [row.pk for row in standing if row not in ended]
        BrokenPromise.objects.filter(pk__in=kept).update(seen_at=now)
    told = [f"{len(fresh)} new" if fresh else "", f"{len(ended)} over" if ended else ""]
    told += [f"{len(found)} broken: {next(iter(found))}" if found else ""]
    return ", ".join(text for text in told if text)


def look(now: datetime) -> list[Broken]:
    """All checks read the same instant: between two of their questions the link writes on."""
    if connection.in_atomic_block:
        return broken_invariants(now)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        return broken_invariants(now)


def _halt(grave: Sequence[Broken]) -> None:
    """Before any journal line: whoever stops trading takes the locks in that order."""
    halted = Stop.objects.filter(scope="global", key="", level=Stop.HALTED).exists()
    if grave and not halted:
        set_stop(Stop.HALTED, actor=WATCH, reason=f"an invariant is broken, {grave[0]}"[:400])


def _begin(broken: Broken, now: datetime) -> None:
    row = BrokenPromise.objects.create(
        invariant=broken.invariant,
        text=broken.text,
        severe=broken.invariant in GRAVE,
        found_at=now,
        seen_at=now,
    )
    _tell("break_promise", row, "INVARIANT_BROKEN")


def _end(row: BrokenPromise, now: datetime) -> None:
    BrokenPromise.objects.filter(pk=row.pk).update(seen_at=now, ended_at=now)
    _tell("keep_promise_again", row, "INVARIANT_HOLDS_AGAIN")


def _tell(verb: str, row: BrokenPromise, code: str) -> None:
    write_entry(
        verb,
        subject=row,
        actor=WATCH,
        reason_code=code,
        reason=str(row),
        after={"severe": row.severe},
        topics=("alerts", "link"),
    )
