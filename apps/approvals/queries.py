"""Reads of requests and of what was decided."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Count, QuerySet

from apps.approvals.models import Request
from tradingdesk.domain.approvals import Request as RequestValue
from tradingdesk.domain.approvals import RequestState, Shown


def waiting() -> QuerySet[Request]:
    """Soonest to expire first."""
    return (
        Request.objects.filter(state=Request.PROPOSED)
        .select_related("plan", "account", "strategy", "limit_set")
        .order_by("expires_at", "pk")
    )


def waiting_count() -> int:
    return Request.objects.filter(state=Request.PROPOSED).count()


def requests_in(state: str) -> QuerySet[Request]:
    rows = Request.objects.filter(state=state).select_related("plan", "account", "strategy", "limit_set")
    return rows.order_by("-decided_at", "-pk")


def decided_since(since: datetime) -> QuerySet[Request]:
    rows = Request.objects.filter(decided_at__gte=since).exclude(state=Request.PROPOSED)
    return rows.select_related("plan", "account", "strategy").order_by("-decided_at")


def request_of(request_id: int) -> Request | None:
    rows = Request.objects.select_related("plan", "account__gateway", "strategy", "limit_set")
    return rows.filter(pk=request_id).first()


def request_of_plan(plan_id: int) -> Request | None:
    return Request.objects.filter(plan_id=plan_id).order_by("-pk").first()


def as_value(row: Request) -> RequestValue:
    """The request in the words of the gate."""
    shown: dict[str, Any] = row.shown
    return RequestValue(
        state=RequestState(row.state),
        row_version=row.row_version,
        digest=row.digest,
        challenge=row.challenge,
        author=row.plan.author,
        notional=row.notional,
        expires_at=row.expires_at,
        cut_off=row.cutoff_at,
        shown=Shown(
            limit_set=row.limit_set_id,
            link_session=shown.get("link_session"),
            mids={int(con_id): Decimal(mid) for con_id, mid in shown.get("mids", {}).items()},
        ),
    )


def decided_counts(since: datetime) -> dict[str, int]:
    """How many were decided which way since then."""
    rows = Request.objects.filter(decided_at__gte=since).values_list("state")
    return dict(rows.annotate(number=Count("pk")))


def next_deadline(after: datetime) -> datetime | None:
    """When the next waiting request lapses."""
    rows = Request.objects.filter(state=Request.PROPOSED, expires_at__gt=after).order_by("expires_at")
    return rows.values_list("expires_at", flat=True).first()


def overdue_count(now: datetime) -> int:
    return Request.objects.filter(state=Request.PROPOSED, expires_at__lte=now).count()


def requests_of_plans(plan_ids: Iterable[int]) -> dict[int, Request]:
    """The newest request of each plan that has one."""
    rows = Request.objects.filter(plan_id__in=list(plan_ids)).order_by("pk")
    return {row.plan_id: row for row in rows}
