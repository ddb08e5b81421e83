"""A halt of the reconciliation ends by a person, with a reason, on a fresh comparison that passes."""

from datetime import datetime
from decimal import Decimal

from apps.desks.models import Account
from apps.journal.actions.write_entry import write_entry
from apps.journal.ports import Actor
from apps.reconciliation.actions.keep_breaks import TOPICS
from apps.reconciliation.models import Run, Standing
from apps.reconciliation.queries import newest_run
from tradingdesk.domain.money import Reason
from tradingdesk.domain.reconciliation import Bounds, Level, Outcome, release_problem


def halt_problem(account: Account, *, since: datetime, reason: str) -> Reason | None:
    """Why the halt of this account cannot end now; none when there is no halt."""
    standing = Standing.objects.filter(account=account).first()
    if standing is None or standing.level == Run.PASS:
        return None
    return release_problem(_outcome_since(account, max(since, standing.since)), reason=reason)


def _outcome_since(account: Account, since: datetime) -> Outcome | None:
    """What the newest comparison of the whole says; one from before the halt says nothing."""
    run = newest_run(account.pk, Run.BOOKS)
    if run is None or run.at <= since:
        return None
    bps, halt_at = run.unexplained_bps, Bounds().halt_bps
    level = None if bps is None else Level.PASS if Decimal(bps) <= halt_at else Level.HALT
    return Outcome(level, Reason(run.reason_code, run.reason))


def end_halt(account: Account, *, actor: Actor, reason: str, now: datetime) -> None:
    """Runs in the transaction of the release."""
    standing = Standing.objects.select_for_update().filter(account=account).exclude(level=Run.PASS).first()
    if standing is None:
        return
    before = standing.level
    standing.level, standing.reason, standing.since, standing.ended_by = Run.PASS, reason, now, actor.name
    standing.save()
    write_entry(
        "end_reconciliation_halt",
        subject=standing,
        actor=actor,
        account=account.code,
        reason=reason,
        before={"level": before},
        after={"level": Run.PASS},
        topics=TOPICS,
    )
