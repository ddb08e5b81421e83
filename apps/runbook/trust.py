"""Trusting a strategy further takes evidence, a typed word and two people; trusting it less, one click."""

from datetime import datetime
from decimal import Decimal

from django.db import transaction

from apps.approvals.actions.give_grant import revoke_grants
from apps.approvals.actions.move_request import bring_to_crawl
from apps.approvals.actions.return_window import return_window
from apps.approvals.models import Request, Window
from apps.broker.queries import unknown_intents
from apps.desks.actions.set_phase import set_phase
from apps.desks.models import Account, Strategy
from apps.desks.queries import phase_of
from apps.journal import clock
from apps.journal.ports import Actor
from apps.ledger.models import Fill
from apps.operators.actions.second_word import ask_second
from apps.operators.models import Second
from apps.reports.scores import score_for
from tradingdesk.domain.approvals import Evidence, Phase, promotion_problem, terms_problem
from tradingdesk.domain.money import Reason


def evidence_of(strategy: Strategy, account: Account) -> Evidence:
    """What the pair has shown in its present phase."""
    phase = phase_of(strategy, account)
    ours = Request.objects.filter(strategy=strategy, account=account, phase=phase, state=Request.APPROVED)
    fills = Fill.objects.filter(
        account=account, ticket__request__strategy=strategy, ticket__request__phase=phase
    )
    unknown = unknown_intents().filter(ticket__strategy=strategy, ticket__account=account)
    return Evidence(
        sessions=ours.values("plan__trading_day").distinct().count(),
        fills=fills.count(),
        unknown=unknown.count(),
        unmet=unmet_criteria(strategy, account),
    )


def unmet_criteria(strategy: Strategy, account: Account) -> tuple[str, ...]:
    """What the scorecard still wants: criteria that failed or cannot be judged yet, and sessions to go."""
    score = score_for(strategy, account, clock.now())
    found = [f"{row.name}: {row.measured}, needed {row.required}" for row in score.criteria if not row.passed]
    if len(score.sessions) < score.wanted:
        found.append(f"{len(score.sessions)} of {score.wanted} sessions on the scorecard")
    return tuple(found)


def ask_promotion(
    strategy: Strategy, account: Account, to: Phase, *, typed: str, by: Actor, reason: str, now: datetime
) -> Second | Reason:
    """Waits for a second person, or the first reason why it may not even be asked for."""
    old = Phase(phase_of(strategy, account))
    problem = promotion_problem(
        old, to, strategy=strategy.name, typed=typed, evidence=evidence_of(strategy, account)
    )
    if problem is not None:
        return problem
    payload = {"strategy": strategy.name, "account": account.code, "phase": to.value}
    return ask_second("promote", payload, by=by, reason=reason, now=now)


def ask_grant(
    strategy: Strategy,
    account: Account,
    *,
    ends_at: datetime,
    cap: Decimal,
    by: Actor,
    reason: str,
    now: datetime,
) -> Second | Reason:
    if phase_of(strategy, account) != Phase.RUN.value:
        return Reason("GRANT_ABSENT", "only a strategy in the run phase is granted anything")
    problem = terms_problem(now, ends_at, cap)
    if problem is not None:
        return problem
    payload = {
        "strategy": strategy.name, "account": account.code, "ends_at": ends_at.isoformat(), "cap": str(cap),
    }  # fmt: skip
    return ask_second("grant", payload, by=by, reason=reason, now=now)


@transaction.atomic
def demote(strategy: Strategy, account: Account, to: Phase, *, by: Actor, reason: str, now: datetime) -> None:
    """At once: grants end, countdowns come back to people, and nothing of it is sent by itself any more."""
    set_phase(strategy, account, phase=to.value, actor=by, reason=reason)
    revoke_grants(strategy, account, actor=by, now=now)
    why = Reason("PHASE_TIGHTENED", f"{by.name} put the strategy back to {to}")
    open_ones = Request.objects.select_related("account").filter(strategy=strategy, account=account)
    for request in open_ones.filter(state=Request.PROPOSED, phase=Phase.RUN.value):
        bring_to_crawl(request, why)
    if to is Phase.CRAWL:
        windows = Window.objects.filter(request__in=open_ones, state__in=Window.RUNNING)
        for window in windows:
            return_window(window, why, actor=by)
