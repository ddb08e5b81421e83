"""Reads of plans and of what was refused at the door."""

from datetime import date

from django.db.models import Count, Q, QuerySet

from apps.journal.statements import Part, Question, Reading, Row
from apps.market.models import Contract
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


_L, _C = Part(Line, "l"), Part(Contract, "c")
TAKEN = """
    FROM plans_line l LEFT JOIN market_contract c ON c.id = l.contract_id
    WHERE l.plan_id = %s AND l.state = %s ORDER BY l.number
"""


@Reading
def taken_lines(plan_id: int) -> Question[list[Line]]:
    """With their contracts, where they have one by now."""
    return Question(f"SELECT {_L.columns}, {_C.columns} {TAKEN}", [plan_id, Line.TAKEN], _with_contracts)


def _with_contracts(rows: list[Row]) -> list[Line]:
    lines = []
    for row in rows:
        values = iter(row)
        line, contract = _L.read(values), _C.read(values)
        line.contract = contract if line.contract_id else None
        lines.append(line)
    return lines


def all_lines(plan_id: int) -> QuerySet[Line]:
    return Line.objects.filter(plan_id=plan_id).select_related("contract").order_by("number")


def quarantined(limit: int = 20) -> QuerySet[Quarantine]:
    return Quarantine.objects.order_by("-received_at")[:limit]


def plans_on(day: date) -> QuerySet[Plan]:
    return Plan.objects.filter(trading_day=day).select_related("strategy", "account")
