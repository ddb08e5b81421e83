"""Write down what became of a plan's lines when it was put to the limits, and of the plan itself."""

from collections.abc import Mapping

from django.db import transaction

from apps.journal.actions.write_entry import write_entry
from apps.journal.ports import SYSTEM, Actor
from apps.market.models import Contract
from apps.plans.models import Line, Plan
from tradingdesk.domain.money import Reason


def set_contracts(plan: Plan, contracts: Mapping[str, Contract]) -> None:
    """Symbols become contracts; from here on only the contract counts."""
    for line in Line.objects.filter(plan=plan, state=Line.TAKEN, contract=None):
        if line.symbol in contracts:
            Line.objects.filter(pk=line.pk).update(contract=contracts[line.symbol])


def skip_line(line: Line, reason: Reason) -> None:
    """A skipped line stays in the plan, with its reason. Runs in the caller's transaction."""
    line.state, line.reason_code, line.reason = Line.SKIPPED, reason.code, reason.text
    line.save(update_fields=["state", "reason_code", "reason"])


@transaction.atomic
def set_plan_state(plan: Plan, state: str, *, actor: Actor = SYSTEM, reason: Reason | None = None) -> None:
    before = plan.state
    plan.state = state
    plan.save(update_fields=["state"])
    write_entry(
        f"plan_{state}",
        subject=plan,
        actor=actor,
        account=plan.account.code,
        reason_code=reason.code if reason else "",
        reason=reason.text if reason else "",
        before={"state": before},
        after={"state": state},
        topics=("plans", "review"),
    )
