"""A grant lets a strategy send without anybody looking: for a while, up to a sum, until somebody takes it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from tradingdesk.domain.money import Reason

LONGEST = timedelta(days=31)


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """Who gave it is kept beside it; this is what it is still worth."""

    starts_at: datetime
    ends_at: datetime
    cap: Decimal
    used: Decimal
    revoked: bool = False


def grant_problem(grant: Grant | None, notional: Decimal, now: datetime) -> Reason | None:
    """The first reason why the grant does not cover that much more now."""
    standing = standing_problem(grant, now)
    if standing is not None or grant is None:
        return standing
    if grant.used + notional > grant.cap:
        left = max(grant.cap - grant.used, Decimal(0))
        return Reason("GRANT_CAP_EXCEEDED", f"{notional} is more than the {left} that are left of it")
    return None


def standing_problem(grant: Grant | None, now: datetime) -> Reason | None:
    """Whether what was released under it may still leave: it is asked again at the claim."""
    if grant is None:
        return Reason("GRANT_ABSENT", "nobody has granted this strategy to run")
    if grant.revoked:
        return Reason("GRANT_REVOKED", "the grant was taken back")
    if not grant.starts_at <= now < grant.ends_at:
        return Reason("GRANT_EXPIRED", f"the grant was good until {grant.ends_at:%Y-%m-%d %H:%M} UTC")
    return None


def terms_problem(starts_at: datetime, ends_at: datetime, cap: Decimal) -> Reason | None:
    """Whether these are terms at all."""
    if not cap.is_finite() or cap <= 0:
        return Reason("GRANT_CAP_WRONG", "the sum must be above nothing")
    if ends_at <= starts_at:
        return Reason("GRANT_SPAN_WRONG", "it must end after it begins")
    if ends_at - starts_at > LONGEST:
        return Reason("GRANT_SPAN_WRONG", f"nobody grants for longer than {LONGEST.days} days")
    return None
