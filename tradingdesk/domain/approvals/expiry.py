"""An approval is good for a while, for this session, for this market and for these limits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from tradingdesk.domain.money import Reason

VALIDITY = timedelta(minutes=10)
MAX_DRIFT_BPS = Decimal(100)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What the card froze when it was shown."""

    limit_set: int
    link_session: int | None
    mids: Mapping[int, Decimal]


@dataclass(frozen=True, slots=True, kw_only=True)
class Present:
    """The same things as they are now, and what people call each contract."""

    limit_set: int
    link_session: int | None
    mids: Mapping[int, Decimal]
    names: Mapping[int, str] = field(default_factory=dict)


def as_shown(kept: Mapping[str, Any], *, limit_set: int) -> Shown:
    """What the card froze, from the way it is kept."""
    return Shown(
        limit_set=limit_set,
        link_session=kept.get("link_session"),
        mids={int(con_id): Decimal(mid) for con_id, mid in kept.get("mids", {}).items()},
    )


def expires_at(opened_at: datetime, cut_off: datetime, *, validity: timedelta = VALIDITY) -> datetime:
    """The earlier of the validity's end and the cut-off."""
    return min(opened_at + validity, cut_off)


def age_problem(now: datetime, *, expires: datetime, cut_off: datetime) -> Reason | None:
    """Whether the time for a decision, or for what was decided, is over."""
    if now >= cut_off:
        return Reason("APPROVAL_CUT_OFF", f"the cut-off was {cut_off:%H:%M:%S} UTC")
    if now >= expires:
        return Reason("APPROVAL_EXPIRED", f"it was good until {expires:%H:%M:%S} UTC")
    return None


def drift_problem(shown: Shown, present: Present, *, max_drift_bps: Decimal = MAX_DRIFT_BPS) -> Reason | None:
    """Whether what the approver saw is still what there is. A price that went missing is a change too."""
    if present.limit_set != shown.limit_set:
        return Reason(
            "APPROVAL_LIMITS_CHANGED",
            f"limits are at version {present.limit_set}, shown was {shown.limit_set}",
        )
    if present.link_session != shown.link_session:
        return Reason("APPROVAL_RECONNECTED", "the link to the broker was renewed since")
    for con_id, before in shown.mids.items():
        after, name = present.mids.get(con_id), present.names.get(con_id, f"contract {con_id}")
        if after is None or not after.is_finite():
            return Reason("APPROVAL_PRICE_MISSING", f"{name} has no price now")
        moved = abs(after - before) / before * 10_000
        if moved > max_drift_bps:
            return Reason(
                "APPROVAL_PRICE_MOVED", f"{name} moved {moved:.0f} bps, limit {max_drift_bps.normalize():f}"
            )
    return None
