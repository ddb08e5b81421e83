"""Write down what became of a plan's lines when it was put to the limits, and of the plan itself."""

from collections.abc import Mapping, Sequence

from django.db import transaction

from apps.journal.actions.write_entry import write_entry
from apps.journal.ports import SYSTEM, Actor
from apps.journal.statements import rows_of
from apps.market.models import Contract
from apps.plans.models import Line, Plan
from tradingdesk.domain.money import Reason

NAME = """
    UPDATE plans_line l SET contract_id = found.contract
    FROM unnest(%s::text[], %s::bigint[]) AS found (symbol, contract)
    WHERE l.plan_id = %s AND l.state = 'taken' AND l.contract_id IS NULL AND l.symbol = found.symbol
"""


def set_contracts(plan: Plan, contracts: Mapping[str, Contract]) -> None:
    """Symbols become contracts; from here on only the contract counts."""
    symbols, keys = list(contracts), [contract.pk for contract in contracts.values()]
    rows_of(NAME, [symbols, keys, plan.pk])


SKIP = """
    UPDATE plans_line l SET state = 'skipped', reason_code = told.code, reason = told.text
    FROM unnest(%s::bigint[], %s::text[], %s::text[]) AS told (id, code, text) WHERE l.id = told.id
"""


def skip_lines(skipped: Sequence[tuple[Line, Reason]]) -> None:
    """Skipped lines stay in the plan, each with its reason. Runs in the caller's transaction."""
    if skipped:
        keys = [line.pk for line, _ in skipped]
        codes, texts = [reason.code for _, reason in skipped], [reason.text for _, reason in skipped]
        rows_of(SKIP, [keys, codes, texts])


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
