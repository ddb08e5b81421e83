"""Keep a refused file's name, digest and problems. Nothing of its content is used."""

from collections.abc import Sequence
from dataclasses import asdict

from django.db import transaction

from apps.journal.actions.write_entry import write_entry
from apps.journal.ports import Actor
from apps.plans.actions.accept_plan import Delivery
from apps.plans.models import Quarantine
from tradingdesk.domain.plans import REASONS, Problem


@transaction.atomic
def quarantine_file(
    delivery: Delivery, problems: Sequence[Problem], *, size: int, actor: Actor
) -> Quarantine:
    """The same file twice is one row; the second time changes nothing."""
    told = [told_problem(problem) for problem in problems[:200]]
    row, new = Quarantine.objects.get_or_create(
        digest=delivery.digest,
        file_name=delivery.file_name,
        defaults={"source": delivery.source, "size": size, "received_at": delivery.at, "problems": told},
    )
    if new:
        write_entry(
            "quarantine_file",
            subject=row,
            actor=actor,
            reason_code=problems[0].code,
            reason=str(told[0]["message"]),
            after={"file": delivery.file_name, "problems": len(problems)},
            topics=("plans",),
        )
    return row


def told_problem(problem: Problem) -> dict[str, str | int]:
    """A problem as screens and the API tell it: where, what, and what to do."""
    row = asdict(problem)
    row["scope"] = problem.scope.value
    return row | {"message": REASONS.get(problem.code, problem.code)}
