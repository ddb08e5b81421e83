"""Trust a strategy with an account a step further, or less."""

from django.db import transaction

from apps.desks.models import Account, Phase, Strategy
from apps.desks.ports import PHASES, check_phase_step
from apps.journal.actions.write_entry import write_entry
from apps.journal.ports import Actor


@transaction.atomic
def set_phase(strategy: Strategy, account: Account, *, phase: str, actor: Actor, reason: str = "") -> Phase:
    """Move a pair to a phase; the same phase again changes nothing and leaves no line."""
    Account.objects.select_for_update().get(pk=account.pk)
    row = Phase.objects.filter(strategy=strategy, account=account).first()
    old = row.phase if row else PHASES[0]
    check_phase_step(old, phase, reason)
    if row and row.phase == phase:
        return row
    row = row or Phase(strategy=strategy, account=account)
    row.phase = phase
    row.save()
    write_entry(
        "set_phase",
        subject=row,
        actor=actor,
        account=account.code,
        reason=reason,
        before={"phase": old},
        after={"phase": phase, "strategy": strategy.name},
        topics=("phases",),
    )
    return row
