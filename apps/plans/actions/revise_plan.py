"""Make the next version of a plan, with less in it. The old one stays and says what took its place."""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from apps.journal.actions.write_entry import write_entry
from apps.journal.ports import Actor
from apps.plans.models import Line, Plan

REASONS = {"LINE_CUT": "A reviewer took the line out of the plan."}


def revise_plan(plan: Plan, quantities: Mapping[int, Decimal], *, actor: Actor, now: datetime) -> Plan:
    """In the caller's transaction. The quantities are those of the taken lines; nothing takes a line out."""
    wish = ",".join(f"{number}:{quantity:f}" for number, quantity in sorted(quantities.items()))
    revised = Plan.objects.create(
        strategy=plan.strategy,
        account=plan.account,
        source=plan.source,
        file_name=plan.file_name,
        digest=hashlib.sha256(f"{plan.digest}/{plan.version + 1}/{wish}".encode()).hexdigest(),
        trading_day=plan.trading_day,
        version=plan.version + 1,
        supersedes=plan,
        author=plan.author,
        received_at=now,
        summary=plan.summary | {"revised_by": actor.name, "of": plan.pk},
    )
    Line.objects.bulk_create([_line(revised, line, quantities) for line in plan.lines.order_by("number")])
    before = plan.state
    plan.state = Plan.SUPERSEDED
    plan.save(update_fields=["state"])
    write_entry(
        "revise_plan",
        subject=revised,
        actor=actor,
        account=plan.account.code,
        before={"plan": plan.pk, "state": before},
        after={"plan": revised.pk, "version": revised.version, "quantities": wish},
        topics=("plans", "review"),
    )
    return revised


def _line(plan: Plan, line: Line, quantities: Mapping[int, Decimal]) -> Line:
    wish = quantities.get(line.number, line.quantity) if line.state == Line.TAKEN else line.quantity
    cut = line.state == Line.TAKEN and not wish
    return Line(
        plan=plan,
        number=line.number,
        symbol=line.symbol,
        contract=line.contract,
        side=line.side,
        quantity=line.quantity if cut else wish,
        limit_price=line.limit_price,
        stop_price=line.stop_price,
        target_1=line.target_1,
        target_2=line.target_2,
        context=line.context,
        state=Line.SKIPPED if cut else line.state,
        reason_code="LINE_CUT" if cut else line.reason_code,
        reason="taken out by a reviewer" if cut else line.reason,
    )
