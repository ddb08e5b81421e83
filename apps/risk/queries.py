"""Reads of limits, verdicts, reservations and stops."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import connection
from django.db.models import Count, Max, QuerySet, Sum

from apps.journal.statements import Part, Question, Reading, Row, rows_of
from apps.risk.models import (
    BreakerPause,
    BreakerReading,
    BreakerTrip,
    LimitSet,
    Reservation,
    Stop,
    StoppedOrder,
    Stopping,
    Verdict,
)

_SET = Part(LimitSet, "l")


@Reading
def limits_in_force() -> Question[LimitSet]:
    """The newest set. There is always one: the first comes with the migrations."""
    newest = f"SELECT {_SET.columns} FROM risk_limitset l ORDER BY version DESC LIMIT 1"
    return Question(newest, [], lambda rows: _SET.read(iter(rows[0])))


def limit_history(limit: int = 30) -> QuerySet[LimitSet]:
    return LimitSet.objects.order_by("-version")[:limit]


def verdicts_of(kind: str, subject_id: int, stage: str) -> list[Verdict]:
    """The last round of one stage, failures first, then in the order in which the checks stand."""
    rows = Verdict.objects.filter(subject_kind=kind, subject_id=subject_id, stage=stage)
    newest = rows.aggregate(newest=Max("round"))["newest"]
    rank = {"block": 0, "warn": 1, "pass": 2}
    found = rows.filter(round=newest).order_by("position") if newest else Verdict.objects.none()
    return sorted(found, key=lambda verdict: rank[verdict.outcome])


def reserved(account_code: str, trading_day: date) -> Decimal:
    """Room that today's tickets hold or have used, at the worst case."""
    held = Reservation.objects.filter(
        account_code=account_code,
        trading_day=trading_day,
        state__in=[Reservation.HELD, Reservation.USED],
    ).aggregate(total=Sum("amount"))["total"]
    return Decimal(held or 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """What a day's claims take of an account's limits, each at its worst case."""

    committed: Decimal  # may still fill, or has filled
    ordered: Decimal  # the whole of every order that was let out, whatever came of it
    unseen: Decimal  # what a figure of the broker from that moment cannot contain


ROOM = """
    SELECT coalesce(sum(amount) FILTER (WHERE state IN ('held', 'used')), 0),
           coalesce(sum(worst_case), 0),
           coalesce(sum(amount) FILTER (WHERE state = 'held' OR state = 'used' AND settled_at > %s), 0)
    FROM risk_reservation WHERE account_code = %s AND trading_day = %s
"""


def room_taken(account_code: str, trading_day: date, *, since: datetime) -> Room:
    """One statement. `since` is when the broker last told what the account holds."""
    ((committed, ordered, unseen),) = rows_of(ROOM, [since, account_code, trading_day])
    return Room(committed=committed, ordered=ordered, unseen=unseen)


def stop_levels() -> QuerySet[Stop]:
    return Stop.objects.order_by("scope", "key")


RANK = {Stop.ACTIVE: 0, Stop.REDUCE_ONLY: 1, Stop.HALTED: 2}


def standing_level(scope: str, key: str) -> str:
    """The level of one scope alone; a scope that was never stopped is active."""
    row = Stop.objects.filter(scope=scope, key=key).values_list("level", flat=True).first()
    return row or Stop.ACTIVE


def open_stoppings() -> list[Stopping]:
    """Stops that are not finished, oldest first."""
    return list(Stopping.objects.exclude(state=Stopping.ENDED).order_by("pk"))


def newest_stoppings(limit: int = 5) -> list[Stopping]:
    return list(Stopping.objects.filter(purpose=Stopping.STOP).order_by("-pk")[:limit])


def stopped_orders(stopping_id: int) -> list[StoppedOrder]:
    """Worst first: what could not be confirmed stands on top."""
    rank = {"failed": 0, "unknown": 1, "pending": 2, "asked": 3, "filled": 4, "confirmed": 5}
    rows = StoppedOrder.objects.filter(stopping_id=stopping_id).order_by("pk")
    return sorted(rows, key=lambda row: rank[row.result])


COVERING = """
    SELECT level, epoch FROM risk_stop
    WHERE (scope, key) IN (('global', ''), ('account', %s), ('strategy', %s))
"""


@Reading
def stop_level(*, account_code: str, strategy: str) -> Question[tuple[str, int]]:
    """The strictest level that covers this account and strategy, and the sum of the epochs behind it.

    Inside a transaction the level is held still until its end: whoever stops trading waits for a decision
    that has begun, and a decision that begins afterwards sees the stop.
    """
    held_still = " ORDER BY id FOR SHARE" if connection.in_atomic_block else ""
    return Question(COVERING + held_still, [account_code, strategy], _strictest)


def _strictest(rows: list[Row]) -> tuple[str, int]:
    strictest = max((level for level, _ in rows), key=lambda level: RANK[level], default=Stop.ACTIVE)
    return strictest, sum(epoch for _, epoch in rows)


def verdict_counts(
    kind: str, subject_ids: Iterable[int], stage: str = "proposal"
) -> dict[int, dict[str, int]]:
    """How many checks came out which way, by subject, in the last round of a stage."""
    rows = Verdict.objects.filter(subject_kind=kind, subject_id__in=list(subject_ids), stage=stage)
    counted: dict[int, dict[int, dict[str, int]]] = {}
    found = rows.values_list("subject_id", "round", "outcome").annotate(number=Count("pk"))
    for subject_id, judged, outcome, number in found.order_by("subject_id", "round"):
        counted.setdefault(subject_id, {}).setdefault(judged, {})[outcome] = number
    return {subject_id: rounds[max(rounds)] for subject_id, rounds in counted.items()}


def stopping_of(number: int) -> Stopping | None:
    return Stopping.objects.filter(pk=number).first()


def paused_breakers(now: datetime) -> dict[str, BreakerPause]:
    """Switched off now, by name, with who and until when."""
    rows = BreakerPause.objects.filter(ended_at=None, until__gt=now).order_by("until")
    return {row.name: row for row in rows}


def open_trips() -> dict[tuple[str, str], BreakerTrip]:
    """Tripped and not reset, by breaker and strategy."""
    return {(row.name, row.strategy): row for row in BreakerTrip.objects.filter(reset_at=None)}


def last_trips() -> dict[tuple[str, str], BreakerTrip]:
    """The newest trip of each, reset or not."""
    return {(row.name, row.strategy): row for row in BreakerTrip.objects.order_by("tripped_at", "pk")}


def breaker_readings() -> dict[tuple[str, str], BreakerReading]:
    return {(row.name, row.strategy): row for row in BreakerReading.objects.all()}
