"""Add a strategy or change its title and parameters."""

from typing import Any

from django.db import transaction

from apps.desks.models import Strategy
from apps.desks.ports import DeskRefused
from apps.journal.actions.write_change import fields_of, write_change
from apps.journal.ports import Actor


@transaction.atomic
def save_strategy(strategy: Strategy, *, actor: Actor, reason: str = "", **values: Any) -> Strategy:
    """Save the values; what a strategy is called and which system it runs is fixed once it exists."""
    before = None
    if strategy.pk:
        strategy = Strategy.objects.select_for_update().get(pk=strategy.pk)
        before = fields_of(strategy)
        for name in ("name", "system"):
            if values.get(name, getattr(strategy, name)) != getattr(strategy, name):
                raise DeskRefused(
                    "STRATEGY_IDENTITY_FIXED", f"A strategy keeps its {name}: add another one instead."
                )
    for name, value in values.items():
        setattr(strategy, name, value)
    strategy.save()
    write_change(strategy, before, actor=actor, reason=reason, topics=("plans",))
    return strategy
