"""Let a strategy run for a while and up to a sum; take it back with one click."""

from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import F

from apps.approvals.models import Grant, Request
from apps.desks.models import Account, Strategy
from apps.journal.actions.write_entry import write_entry
from apps.journal.ports import Actor
from tradingdesk.domain.approvals import terms_problem
from tradingdesk.domain.money import Reason


class GrantRefused(Exception):
    """These are no terms; nothing was granted."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.text)
        self.reason = reason


@transaction.atomic
def give_grant(
    strategy: Strategy,
    account: Account,
    *,
    ends_at: datetime,
    cap: Decimal,
    actor: Actor,
    reason: str,
    now: datetime,
    seconded_by: str = "",
) -> Grant:
    """A new one replaces the standing one; what that had used is spent."""
    problem = terms_problem(now, ends_at, cap)
    if problem is not None:
        raise GrantRefused(problem)
    revoke_grants(strategy, account, actor=actor, now=now)
    grant = Grant.objects.create(
        strategy=strategy,
        account=account,
        given_by=actor.name,
        seconded_by=seconded_by,
        reason=reason.strip(),
        given_at=now,
        ends_at=ends_at,
        cap=cap,
    )
    write_entry(
        "give_grant",
        subject=grant,
        actor=actor,
        account=account.code,
        reason=grant.reason,
        after={"strategy": strategy.name, "until": ends_at, "cap": cap, "seconded_by": seconded_by},
        topics=("phases", "review"),
    )
    return grant


@transaction.atomic
def revoke_grants(strategy: Strategy, account: Account, *, actor: Actor, now: datetime) -> int:
    """At once: what was released under it and not claimed yet will not leave either."""
    rows = Grant.objects.select_for_update().filter(strategy=strategy, account=account, revoked_at=None)
    taken = list(rows)
    for grant in taken:
        grant.revoked_at, grant.revoked_by = now, actor.name
        grant.save(update_fields=["revoked_at", "revoked_by"])
        write_entry(
            "revoke_grant",
            subject=grant,
            actor=actor,
            account=account.code,
            reason_code="GRANT_REVOKED",
            before={"until": grant.ends_at, "used": grant.used, "cap": grant.cap},
            topics=("phases", "review", "orders"),
        )
    return len(taken)


def spend_grant(grant: Grant, request: Request) -> None:
    """In the transaction that releases the request, with the grant's row locked."""
    Grant.objects.filter(pk=grant.pk).update(used=F("used") + request.notional)
