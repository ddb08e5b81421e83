"""Make the next version of the limits. It is in force for the very next claim."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.db import connection, transaction

from apps.journal import clock
from apps.journal.actions.write_entry import write_entry
from apps.journal.ports import Actor
from apps.risk.models import LimitSet
from apps.risk.queries import limits_in_force
from tradingdesk.domain.money import Reason
from tradingdesk.domain.risk import LIMITS, LimitChange, changes_between, values_problem
from tradingdesk.domain.risk import LimitSet as Values

SCOPES = ("global", "account", "strategy")
REASON_AT_LEAST = 10


class LimitsRefused(Exception):
    """The change cannot stand; nothing was changed."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.text)
        self.reason = reason


@transaction.atomic
def change_limits(
    values: Mapping[str, Decimal], *, scope: str, actor: Actor, reason: str, based_on: int
) -> LimitSet:
    """`values` are the new ones of one scope; all others go into the next version as they are."""
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE risk_limitset IN SHARE ROW EXCLUSIVE MODE")
    standing = limits_in_force()
    changes = checked_changes(standing, values, scope=scope, reason=reason, based_on=based_on)
    merged = {name: dict(held) for name, held in standing.values.items()}
    merged.setdefault(scope, {}).update({name: str(value) for name, value in values.items()})
    made = write_set(
        version=standing.version + 1,
        made_at=clock.now(),
        made_by=actor.name,
        reason=reason.strip(),
        changes=[{"scope": scope, "name": c.name, "old": str(c.old), "new": str(c.new)} for c in changes],
        values=merged,
    )
    write_entry(
        "change_limits",
        subject=made,
        actor=actor,
        reason=made.reason,
        before={c.name: c.old for c in changes},
        after={c.name: c.new for c in changes},
        topics=("risk", "review"),
    )
    return made


def write_set(**values: Any) -> LimitSet:
    """The one way in that the table's trigger knows; every other one is noted as a touch from outside."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('tradingdesk.limits', 'action', true)")
        made = LimitSet.objects.create(**values)
        cursor.execute("SELECT set_config('tradingdesk.limits', '', true)")
    return made


def checked_changes(
    standing: LimitSet, values: Mapping[str, Decimal], *, scope: str, reason: str, based_on: int
) -> tuple[LimitChange, ...]:
    """What would change, or LimitsRefused with the reason why it cannot."""
    if standing.version != based_on:
        raise LimitsRefused(
            Reason("LIMITS_CHANGED", f"limits are at version {standing.version} now; look again")
        )
    if len(reason.strip()) < REASON_AT_LEAST:
        raise LimitsRefused(Reason("LIMITS_UNEXPLAINED", "say why in ten characters or more"))
    if scope != "global" and scope.partition(":")[0] not in SCOPES:
        raise LimitsRefused(Reason("LIMITS_SCOPE_UNKNOWN", f"there is no scope {scope[:40]!r}"))
    problem = values_problem(values)
    if problem is not None:
        raise LimitsRefused(problem)
    before = values_of(standing, scope)
    changes = changes_between(before, Values(standing.version + 1, {**before.values, **values}))
    if not changes:
        raise LimitsRefused(Reason("LIMITS_UNCHANGED", "no value differs from the one in force"))
    return changes


def values_of(row: LimitSet, *scopes: str) -> Values:
    """The values in force, the later scopes over the earlier ones, defaults under all."""
    held: dict[str, Decimal] = {name: limit.default for name, limit in LIMITS.items()}
    for scope in ("global", *scopes):
        held.update({name: Decimal(value) for name, value in row.values.get(scope, {}).items()})
    return Values(row.version, held)
