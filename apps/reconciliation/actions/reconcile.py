"""Compare one account's books with the broker's, keep what was found, and say what it means for trading."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from apps.broker.actions.halt_for_strangers import halt_for_unknown_name
from apps.desks.models import Account
from apps.journal.actions.write_entry import write_entry
from apps.reconciliation.actions.keep_breaks import TOPICS, WATCH, Kept, keep_breaks
from apps.reconciliation.comparing import Compared, compare_orders, compare_positions, facts_of
from apps.reconciliation.models import BROKER, Break, Run, Standing
from apps.reconciliation.theirs import Told, told_lists
from apps.reconciliation.worth import Worth, compare_worth
from apps.risk.actions.set_stop import set_stop
from apps.risk.models import Stop
from tradingdesk.domain.money import Reason
from tradingdesk.domain.reconciliation import Kind, Level
from tradingdesk.domain.reconciliation.verdict import standing as standing_after

LISTS = {Run.ORDERS: ("orders", "executions"), Run.BOOKS: ("positions", "money")}


@dataclass(frozen=True, slots=True)
class Judged:
    """What a round comes to."""

    level: str
    reason: Reason


def reconcile(account: Account, about: str, *, day: date, now: datetime) -> Run:
    """One round: orders and executions, or positions, cash and net asset value. One transaction."""
    began = time.perf_counter()
    told = told_lists(account, now)
    with transaction.atomic():
        compared, worth = _compare(account, about, told, now)
        halt_for_unknown_name(compared.strangers)
        _stand(account, worth, now)
        kept = keep_breaks(
            account, compared.found, compared.kinds, now=now, day=day, not_judged=compared.not_judged
        )
        judged = _judge(compared, worth, kept)
        run = _keep_run(
            account, about, told, compared=compared, worth=worth, kept=kept, judged=judged, now=now
        )
        run.duration_ms = round(1000 * (time.perf_counter() - began), 1)
        run.save(update_fields=["duration_ms"])
        _tell(run, kept)
    return run


def _compare(
    account: Account, about: str, told: Mapping[str, Told], now: datetime
) -> tuple[Compared, Worth | None]:
    open_ones = Break.objects.filter(account=account, source=BROKER).exclude(state="closed")
    executions = open_ones.filter(kind__startswith="EXECUTION_").values_list("key", flat=True)
    facts = facts_of(account, told, open_executions=frozenset(executions), now=now)
    if about == Run.ORDERS:
        compared = compare_orders(account, told, facts)
        # whoever has looked and let trading go on is not overruled by the same order again
        seen = set(open_ones.filter(kind=Kind.ORDER_THEIRS_ONLY).values_list("key", flat=True))
        compared.strangers = [ref for ref in compared.strangers if ref not in seen]
        return compared, None
    compared = compare_positions(account, told["positions"], facts)
    return compared, compare_worth(account, told["money"], compared, now)


def _judge(compared: Compared, worth: Worth | None, kept: Kept) -> Judged:
    """A halt before differences, differences before what is unknown: unknown neither trips nor passes."""
    outcome = worth.outcome if worth is not None else None
    if outcome is not None and outcome.level in (Level.HALT, Level.EMERGENCY):
        return Judged(outcome.level.name, outcome.reason)
    if kept.standing:
        text = ", ".join(one.difference.key for one in kept.standing[:3])
        return Judged(Run.BREAKS, Reason("RECONCILIATION_BREAKS", f"{len(kept.standing)} differ: {text}"))
    unknown = [
        *compared.unknown,
        *([outcome.reason] if outcome is not None and outcome.level is None else []),
    ]
    if unknown:
        text = "; ".join(dict.fromkeys(reason.text for reason in unknown))
        return Judged(Run.UNKNOWN, Reason("RECONCILIATION_UNKNOWN", text))
    text = outcome.reason.text if outcome is not None else "both sides agree"
    return Judged(Run.PASS, Reason("RECONCILIATION_PASS", text))


def _keep_run(
    account: Account,
    about: str,
    told: Mapping[str, Told],
    *,
    compared: Compared,
    worth: Worth | None,
    kept: Kept,
    judged: Judged,
    now: datetime,
) -> Run:
    lists = [told[name] for name in LISTS[about]]
    bridge = worth.bridge if worth is not None else None
    return Run.objects.create(
        account=account,
        about=about,
        at=now,
        told_at=max((one.at for one in lists if one.at), default=None),
        session_id=next((one.session_id for one in lists if one.session_id), None),
        level=judged.level,
        reason_code=judged.reason.code,
        reason=judged.reason.text,
        compared=compared.seen,
        differences=len(kept.standing),
        ours=bridge.ours if bridge else worth.ours if worth else None,
        theirs=bridge.theirs if bridge else worth.theirs if worth else None,
        unexplained=bridge.unexplained if bridge else None,
        unexplained_bps=bridge.unexplained_bps if bridge else None,
        steps=[
            {"cause": str(step.cause), "amount": str(step.amount), "evidence": step.evidence}
            for step in (bridge.steps if bridge else ())
        ],
    )


def _stand(account: Account, worth: Worth | None, now: datetime) -> None:
    """A halt is set once, when the standing rises; a person who ended it is not overruled by the same one."""
    row, _ = Standing.objects.select_for_update().get_or_create(account=account, defaults={"since": now})
    if worth is None:
        return
    before = Level[row.level]
    after = standing_after(before, worth.outcome)
    if after <= before:
        return
    row.level, row.reason, row.since, row.ended_by = after.name, worth.outcome.reason.text, now, ""
    row.save()
    halted = Stop.objects.filter(scope="account", key=account.code, level=Stop.HALTED).exists()
    if not halted:
        text = f"reconciliation {after.name}: {worth.outcome.reason.text}"
        set_stop(Stop.HALTED, scope="account", key=account.code, actor=WATCH, reason=text[:400])
    write_entry(
        "reconciliation_halts",
        subject=row,
        actor=WATCH,
        account=account.code,
        reason_code=worth.outcome.reason.code,
        reason=worth.outcome.reason.text,
        before={"level": before.name},
        after={"level": after.name},
        topics=TOPICS,
    )


def _tell(run: Run, kept: Kept) -> None:
    """A journal line when something has changed; a comparison like the one before it is a row, no line."""
    before = (
        Run.objects.filter(account=run.account, about=run.about).exclude(pk=run.pk).order_by("-pk").first()
    )
    moved = kept.opened or kept.gone or kept.again
    if before is not None and before.level == run.level and not moved:
        return
    write_entry(
        "reconcile",
        subject=run,
        actor=WATCH,
        account=run.account.code,
        reason_code=run.reason_code,
        reason=run.reason,
        before={"level": before.level} if before is not None else None,
        after={
            "about": run.about,
            "level": run.level,
            "differences": run.differences,
            "opened": kept.opened,
            "gone": kept.gone,
        },
        topics=TOPICS,
    )
