"""What may be concluded about an order that never answered.

Found by its reference, it is adopted. Not found, almost nothing follows: one list without it
proves only that the list was taken at a bad moment. A proposal that it was never sent needs a
gateway that has since handed out a next id no higher than ours, and two complete snapshots of one
healthy session, ten seconds apart, without it. Even then it is a proposal: a named person rules.

One that was heard of has arrived. What may be ruled of it is that it is over: when nobody can say
better, and it was twice not among the orders that work. A fill of it that the lists still tell is no
sign that its rest lives.
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
    works: bool = False  # it stands among the open orders


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
    heard_of: bool = False,
) -> Resolution:
    """Weigh the snapshots taken since the silence; next_valid_ids are (session, id) pairs."""
    if any(snapshot.found for snapshot in snapshots):
        return Resolution.ADOPT
    for session, next_id in next_valid_ids:
        if (
            not heard_of
            and session > sent_session
            and next_id <= order_id
            and _searched_well(session, snapshots)
        ):
            return Resolution.PROPOSE_NOT_SENT
    return Resolution.STAY_UNKNOWN


def may_be_over(snapshots: Sequence[Snapshot]) -> bool:
    """Since it was last among the open orders it was looked for twice in one session, far enough apart."""
    last = max((snapshot.at for snapshot in snapshots if snapshot.works), default=None)
    since = [snapshot for snapshot in snapshots if last is None or snapshot.at > last]
    return any(_searched_well(session, since) for session in {snapshot.session for snapshot in since})


def _searched_well(session: int, snapshots: Sequence[Snapshot]) -> bool:
    times = [snapshot.at for snapshot in snapshots if snapshot.complete and snapshot.session == session]
    return bool(times) and max(times) - min(times) >= SNAPSHOT_DISTANCE
