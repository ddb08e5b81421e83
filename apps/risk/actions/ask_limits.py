"""Change limits as a person does: tighter is in force at once, looser waits for another person.

The page and the admin both come through here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import transaction

from apps.journal.ports import Actor
from apps.operators.actions.second_word import ask_second
from apps.operators.models import Second
from apps.operators.queries import require
from apps.risk.actions.change_limits import change_limits, checked_changes
from apps.risk.models import LimitSet
from apps.risk.queries import limits_in_force


@dataclass(frozen=True, slots=True)
class Asked:
    """What came of it: a version that is in force, a question to a second person, or both."""

    made: LimitSet | None
    second: Second | None

    @property
    def told(self) -> str:
        said = []
        if self.made is not None:
            said.append(f"Version {self.made.version} is in force for the next claim.")
        if self.second is not None:
            said.append("What becomes looser waits for a second person; until then the old value stands.")
        return " ".join(said)


@transaction.atomic
def ask_limits(
    values: Mapping[str, Decimal], *, scope: str, actor: Actor, reason: str, based_on: int, now: datetime
) -> Asked:
    """All of it is checked before any of it is done."""
    require(actor, "change_limits")
    changes = checked_changes(limits_in_force(), values, scope=scope, reason=reason, based_on=based_on)
    tighter = {one.name: one.new for one in changes if not one.looser}
    looser = {one.name: str(one.new) for one in changes if one.looser}
    made = (
        change_limits(tighter, scope=scope, actor=actor, reason=reason, based_on=based_on)
        if tighter
        else None
    )
    if not looser:
        return Asked(made, None)
    payload = {"scope": scope, "values": looser, "based_on": made.version if made else based_on}
    return Asked(made, ask_second("change_limits", payload, by=actor, reason=reason, now=now))
