"""What may be concluded about an order that never answered.

Found by its reference, it is adopted. Not found, almost nothing follows: one list without it
proves only that the list was taken at a bad moment. A proposal that it was never sent needs a
gateway that has since handed out a next id no higher than ours, and two complete snapshots of one
healthy session, ten seconds apart, without it. Even then it is a proposal: a named person rules.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

SNAPSHOT_DISTANCE = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One reading of open orders, executions and completed orders by reference."""

    at: datetime
    session: int
    complete: bool
    found: bool


class Resolution(StrEnum):
    """What the evidence allows."""

    ADOPT = "ADOPT"
    PROPOSE_NOT_SENT = "PROPOSE_NOT_SENT"
    STAY_UNKNOWN = "STAY_UNKNOWN"


def resolve(
    order_id: int,
    sent_session: int,
    *,
    snapshots: Sequence[Snapshot],
    next_valid_ids: Sequence[tuple[int, int]],
) -> Resolution:
    """Weigh the snapshots taken since the silence; next_valid_ids are (session, id) pairs."""
    if any(snapshot.found for snapshot in snapshots):
        return Resolution.ADOPT
    for session, next_id in next_valid_ids:
        if session > sent_session and next_id <= order_id and _searched_well(session, snapshots):
            return Resolution.PROPOSE_NOT_SENT
    return Resolution.STAY_UNKNOWN


def _searched_well(session: int, snapshots: Sequence[Snapshot]) -> bool:
    times = [snapshot.at for snapshot in snapshots if snapshot.complete and snapshot.session == session]
    return bool(times) and max(times) - min(times) >= SNAPSHOT_DISTANCE
