"""Take in a plan that was read without a problem in the file itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction

from apps.desks.models import Account, Strategy
from apps.journal.actions.write_entry import write_entry
from apps.journal.ports import Actor
from apps.plans.models import Line, Plan
from apps.plans.queries import plan_with_digest
from tradingdesk.domain.plans import Line as Wanted
from tradingdesk.domain.plans import Problem


@dataclass(frozen=True, slots=True)
class Accepted:
    plan: Plan
    new: bool  # False: these bytes became that plan before, and nothing was changed


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """How a plan came."""

    source: str
    file_name: str
    digest: str
    author: str
    at: datetime


def accept_plan(
    delivery: Delivery,
    lines: Sequence[Wanted],
    problems: Sequence[Problem],
    *,
    strategy: Strategy,
    account: Account,
    trading_day: date,
    actor: Actor,
) -> Accepted:
    """The same bytes twice are one plan, by whichever door and however many workers bring them."""
    known = plan_with_digest(delivery.digest, strategy_id=strategy.pk, account_id=account.pk)
    if known is not None:
        return Accepted(known, False)
    try:
        with transaction.atomic():
            plan = _save(
                delivery, lines, problems, strategy=strategy, account=account, trading_day=trading_day
            )
            write_entry(
                "accept_plan",
                subject=plan,
                actor=actor,
                account=account.code,
                after={"file": delivery.file_name, "digest": delivery.digest, "lines": len(lines)},
                topics=("plans",),
            )
            return Accepted(plan, True)
    except IntegrityError:
        known = plan_with_digest(delivery.digest, strategy_id=strategy.pk, account_id=account.pk)
        if known is None:
            raise
        return Accepted(known, False)


def _save(
    delivery: Delivery,
    lines: Sequence[Wanted],
    problems: Sequence[Problem],
    *,
    strategy: Strategy,
    account: Account,
    trading_day: date,
) -> Plan:
    earlier = Plan.objects.filter(strategy=strategy, account=account, trading_day=trading_day)
    plan = Plan.objects.create(
        strategy=strategy,
        account=account,
        source=delivery.source,
        file_name=delivery.file_name,
        digest=delivery.digest,
        trading_day=trading_day,
        version=earlier.count() + 1,
        author=delivery.author,
        received_at=delivery.at,
        summary={"refused": len(problems)},
    )
    Line.objects.bulk_create(
        [Line(plan=plan, **_values(line)) for line in lines] + _refused(plan, lines, problems)
    )
    return plan


def _values(line: Wanted) -> dict[str, Any]:
    return {
        "number": line.number,
        "symbol": line.symbol,
        "side": line.side.value,
        "quantity": line.quantity,
        "limit_price": line.limit_price,
        "stop_price": line.stop_price,
        "target_1": line.target_1,
        "target_2": line.target_2,
        "context": dict(line.context),
    }


def _refused(plan: Plan, lines: Sequence[Wanted], problems: Sequence[Problem]) -> list[Line]:
    """A row that could not be read keeps its place in the plan, with the reason."""
    taken = {line.number for line in lines}
    first = {problem.line: problem for problem in reversed(problems) if problem.line not in taken}
    return [
        Line(
            plan=plan,
            number=number,
            symbol=problem.value if problem.column == "instrument_id" else "",
            side="",
            quantity=0,
            state=Line.REFUSED,
            reason_code=problem.code,
            reason=f"{problem.column}: {problem.value!r}; {problem.remedy}",
        )
        for number, problem in sorted(first.items())
    ]
