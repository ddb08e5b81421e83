"""Reads of plans and of what was refused at the door."""

from datetime import date

from django.db.models import Count, Q, QuerySet

from apps.plans.models import Line, Plan, Quarantine


def plan_of(plan_id: int) -> Plan | None:
    return Plan.objects.select_related("strategy", "account", "supersedes").filter(pk=plan_id).first()


def plan_with_digest(digest: str, *, strategy_id: int, account_id: int) -> Plan | None:
    """The plan these very bytes became before, if they did."""
    return Plan.objects.filter(digest=digest, strategy_id=strategy_id, account_id=account_id).first()


def recent_plans(limit: int = 50) -> QuerySet[Plan]:
    return (
        Plan.objects.select_related("strategy", "account")
        .annotate(
            taken=Count("lines", filter=Q(lines__state=Line.TAKEN)),
            skipped=Count("lines", filter=Q(lines__state=Line.SKIPPED)),
            refused=Count("lines", filter=Q(lines__state=Line.REFUSED)),
        )
        .order_by("-received_at")[:limit]
    )


def taken_lines(plan_id: int) -> QuerySet[Line]:
    return (
        Line.objects.filter(plan_id=plan_id, state=Line.TAKEN).select_related("contract").order_by("number")
    )


def all_lines(plan_id: int) -> QuerySet[Line]:
    return Line.objects.filter(plan_id=plan_id).select_related("contract").order_by("number")


def quarantined(limit: int = 20) -> QuerySet[Quarantine]:
    return Quarantine.objects.order_by("-received_at")[:limit]


def plans_on(day: date) -> QuerySet[Plan]:
    return Plan.objects.filter(trading_day=day).select_related("strategy", "account")
