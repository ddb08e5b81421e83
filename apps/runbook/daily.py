"""The steps of a day, as calls one can read aloud. Each says in a few words what it did, or nothing at all.

Nothing here hangs on being on time: what has a cut-off to the second is the link's.
"""

import time
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from apps.approvals.actions.decide import expire
from apps.approvals.models import Request
from apps.approvals.queries import waiting
from apps.broker.queries import link_view
from apps.desks.models import Account, Gateway, Phase
from apps.journal.ports import Actor
from apps.ledger.queries import held_positions
from apps.market.actions.save_quotes import save_marks
from apps.market.actions.watch import watch
from apps.market.models import Watch
from apps.market.ports import CALENDAR
from apps.market.queries import last_quotes
from apps.operators.actions.second_word import expire_seconds
from apps.plans.actions.mark_lines import set_plan_state
from apps.plans.intake.folder import REFUSED, TAKEN, Found, look_into, put_aside
from apps.plans.models import Line, Plan
from apps.plans.queries import taken_lines
from apps.risk.queries import limits_in_force, open_stoppings
from apps.runbook.breaking import watch_breakers
from apps.runbook.content import link_session
from apps.runbook.gate import expire_requests
from apps.runbook.intake import Taken, refuse_unread, take_file
from apps.runbook.road import look_up_contracts, propose
from apps.runbook.situation import session_value, trading_day
from apps.runbook.stopping import finish_stops
from apps.runbook.timetable import strategy_steps
from apps.runbook.windows import return_overdue
from apps.tickets.queries import live_tickets
from tradingdesk import env
from tradingdesk.domain.market import is_open
from tradingdesk.domain.market.timetable import SUBMIT
from tradingdesk.domain.money import Reason
from tradingdesk.domain.plans import Problem, newest_of, stamp_of
from tradingdesk.domain.plans.problem import file_problem

REASONS = {
    "PLAN_NOTHING_LEFT": "No line of the plan can be traded: each was skipped or refused.",
    "PLAN_DAY_OVER": "The plan's trading day ended before it could be proposed.",
}

FED_BY_FILES = 3  # the strategy system whose plans come as files
FOLDER_WATCHER = Actor("system", "folder watch")
QUOTES_AWAITED, FRESH = timedelta(seconds=20), timedelta(seconds=5)
WATCHED_FOR, WATCH_RENEWED_BELOW = timedelta(minutes=15), timedelta(minutes=10)


# files come in


def intake_folder() -> Path:
    """Where plans are dropped."""
    return Path(env.text("TRADINGDESK_INTAKE") or settings.HOME / "intake")


def take_from_folder(now: datetime, folder: Path | None = None) -> str:
    """Every whole file becomes a plan of each account its strategy works on, or goes to quarantine."""
    look = look_into(folder or intake_folder(), wall=time.time())
    newest = newest_of([found.path.name for found in look.ready], trading_day(now))
    told = []
    for found in look.ready:
        stamp = stamp_of(found.path.name)
        todays = stamp is not None and stamp.date() == trading_day(now)
        problem = found.problem or (
            _overtaken(found.path.name) if todays and found.path.name != newest else None
        )
        outcomes = [_take(found, phase, now, problem) for phase in _fed_by_files()]
        if outcomes:
            refused = all(taken.outcome == "quarantined" for taken in outcomes)
            put_aside(found.path, REFUSED if refused else TAKEN)
            told.append(f"{found.path.name}: {', '.join(taken.outcome for taken in outcomes)}")
    return "; ".join(told)


def _fed_by_files() -> list[Phase]:
    rows = Phase.objects.filter(strategy__system=FED_BY_FILES, account__enabled=True)
    found = rows.select_related("strategy", "account").order_by("pk")
    return [row for row in found if row.strategy.parameters.get("by_files", True)]


def _overtaken(name: str) -> Problem:
    return file_problem("FILE_OVERTAKEN", "send it again under a later time, if it should count", value=name)


def _take(found: Found, phase: Phase, now: datetime, problem: Problem | None) -> Taken:
    if problem is not None:
        return refuse_unread(
            found.path.name,
            problem,
            size=found.size,
            source="folder",
            author="folder",
            now=now,
            actor=FOLDER_WATCHER,
        )
    return take_file(
        found.data,
        found.path.name,
        source="folder",
        author="folder",
        strategy=phase.strategy,
        account=phase.account,
        now=now,
        actor=FOLDER_WATCHER,
    )


# plans are put before people


def propose_received(now: datetime) -> str:
    """Contracts are looked up at once; the proposal waits for the session, the link and the quotes."""
    received = Plan.objects.filter(state=Plan.RECEIVED).select_related("account__gateway", "strategy")
    told = []
    for plan in received.order_by("pk"):
        if plan.trading_day < trading_day(now):
            reason = Reason("PLAN_DAY_OVER", f"it was for {plan.trading_day}")
            set_plan_state(plan, Plan.NOTHING, reason=reason)
            told.append(f"plan {plan.pk} is over")
        elif look_up_contracts(plan) and _may_be_proposed(plan, now):
            request = propose(plan, now)
            told.append(f"plan {plan.pk}: {'request ' + str(request.pk) if request else 'nothing left'}")
    return "; ".join(told)


def _may_be_proposed(plan: Plan, now: datetime) -> bool:
    """A request is bound to the link's session and to prices: without them it could not be approved."""
    session = session_value(CALENDAR, now)
    if session is None or not is_open(session, now):
        return False
    step = next((one for one in strategy_steps(plan.strategy, session) if one.name == SUBMIT), None)
    if step is not None and not step.due_at <= now < step.deadline:
        return False
    if not link_view(plan.account.gateway_id, now).ready:
        return False
    begins = max(plan.received_at, session.open_at if step is None else step.due_at)
    return _all_quoted(plan, now) or now - begins > QUOTES_AWAITED


def _all_quoted(plan: Plan, now: datetime) -> bool:
    contracts = [line.contract_id for line in taken_lines(plan.pk) if line.contract_id]
    quotes = last_quotes(contracts)
    rows = [quotes[one] for one in contracts if one in quotes]
    fresh = [row for row in rows if row.bid and row.ask and now - row.received_at < FRESH]
    return len(fresh) == len(contracts)


def expire_late(now: datetime) -> str:
    count = expire_requests(now)
    asked = expire_seconds(now)
    told = [f"{count} requests expired" if count else "", return_overdue(now)]
    told.append(f"{asked} questions to a second person expired" if asked else "")
    return "; ".join(text for text in told if text)


def propose_again(now: datetime) -> str:
    """A strategy may ask that a request which nobody decided in its time comes back, judged anew.

    Only one that lapsed by age, by a reconnect or by new limits; never one that a person has decided.
    """
    told = []
    for request in waiting().filter(strategy__parameters__propose_again=True):
        reason = _cannot_be_approved(request, now)
        if reason is not None:
            expire(request, now=now, reason=reason)
    for plan in Plan.objects.filter(
        state=Plan.PROPOSED, trading_day=trading_day(now), strategy__parameters__propose_again=True
    ).select_related("account__gateway", "strategy"):
        with transaction.atomic():
            last = Request.objects.filter(plan=plan).select_for_update().order_by("-pk").first()
            if last is not None and last.state == Request.EXPIRED and now < last.cutoff_at:
                set_plan_state(plan, Plan.RECEIVED, reason=Reason(last.reason_code, last.reason))
                told.append(f"plan {plan.pk} is proposed again")
    return "; ".join(told)


def _cannot_be_approved(request: Request, now: datetime) -> Reason | None:
    if not link_view(request.account.gateway_id, now).ready:
        return None
    if request.shown.get("link_session") != link_session(request.plan):
        return Reason("APPROVAL_RECONNECTED", "the link to the broker was renewed since")
    if request.limit_set_id != limits_in_force().version:
        return Reason("APPROVAL_LIMITS_CHANGED", "the limits were changed since")
    return None


# what was stopped is finished


def go_on_with_stops(now: datetime) -> str:
    """A stop that nobody finishes, because the link is away: what can be done without it is done."""
    waiting = len(open_stoppings())
    if waiting:
        finish_stops()
    return f"{waiting} stops were open" if waiting else ""


# what goes wrong by itself is stopped


def watch_for_trouble(now: datetime) -> str:
    return watch_breakers(now)


# the market is watched


def keep_watching(now: datetime) -> str:
    """Whatever is held, worked on or waiting for a person keeps its quotes."""
    added = 0
    for gateway in Gateway.objects.all():
        wanted = set(_contracts_of(gateway))
        fresh = Watch.objects.filter(gateway=gateway, wanted_until__gt=now + WATCH_RENEWED_BELOW)
        missing = wanted - set(fresh.values_list("contract_id", flat=True))
        if missing:
            watch(gateway, sorted(missing), WATCHED_FOR)
            added += len(missing)
    return f"{added} contracts watched" if added else ""


def keep_marks(now: datetime) -> str:
    """A price of everything watched, for the lines on the screens."""
    save_marks(now)
    return ""


def _contracts_of(gateway: Gateway) -> Iterable[int]:
    for account in Account.objects.filter(gateway=gateway, enabled=True):
        yield from held_positions(account.pk).values_list("contract_id", flat=True)
        yield from live_tickets(account.pk).values_list("contract_id", flat=True)
    open_plans = Q(plan__state=Plan.RECEIVED) | Q(plan__requests__state__in=Request.OPEN)
    lines = Line.objects.filter(open_plans, plan__account__gateway=gateway, state=Line.TAKEN)
    yield from lines.exclude(contract=None).values_list("contract_id", flat=True)
