"""The timetable: which steps a day has, and the worker's walk along it.

Rows are laid from the exchange's sessions before they are due. The walk begins what is due, goes on with what
has begun until it ends, and writes down as missed what nobody began in time; it never runs a step late.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, timedelta

import structlog

from apps.broker.queries import restart_windows
from apps.desks.models import Account, Phase, Strategy
from apps.desks.queries import enabled_accounts
from apps.market.ports import CALENDAR
from apps.market.queries import sessions_between
from apps.runbook.actions.lay_steps import Wanted, lay_steps
from apps.runbook.actions.move_step import Ended, begin_step, end_step, miss_steps, note_stumble
from apps.runbook.actions.run_job import alone_at
from apps.runbook.models import DayStep
from apps.runbook.situation import session_of_day, trading_day
from tradingdesk.domain.market import Session
from tradingdesk.domain.market.timetable import (
    ACCOUNT_DAY,
    BEFORE_CUT_OFF,
    Outcome,
    Rule,
    bracket_rules,
    situation,
    timetable,
)
from tradingdesk.domain.market.timetable import Step as StepValue

log = structlog.get_logger(__name__)

BRACKETS = 3  # the strategy system whose day is played by steps
BACK_AFTER = timedelta(minutes=30)  # after a window's end the link has that long to be ready again
TRIES = 20
CATCH_UP = timedelta(days=30)  # of days that nobody looked, so many are listed

Work = Callable[[DayStep, datetime], Ended | None]  # None: it is not over; it is called again
Works = Mapping[str, Work]


# the rows are laid


def keep_timetable(now: datetime) -> str:
    """Today's rows of each account, moved when the session moved; and those of days that nobody looked at."""
    told = []
    for account in enabled_accounts():
        for day in _days_to_lay(account, now):
            if changed := lay_steps(account, day, wanted_on(account, day)):
                told.append(f"{changed} steps of {day}")
    return "; ".join(told)


def _days_to_lay(account: Account, now: datetime) -> list[date]:
    """Today, and the sessions since rows were laid last; a desk that is new begins with today."""
    today = trading_day(now)
    last = DayStep.objects.filter(account=account).order_by("-session_date").first()
    if last is None or last.session_date >= today:
        return [today]
    since = max(last.session_date + timedelta(days=1), today - CATCH_UP)
    return [row.day for row in sessions_between(CALENDAR, since, today - timedelta(days=1))] + [today]


def wanted_on(account: Account, day: date) -> list[Wanted]:
    """Every row that a day has: the strategies' steps, the account's, and windows in which nothing goes."""
    session = session_of_day(CALENDAR, day)
    phases = Phase.objects.filter(account=account, strategy__system=BRACKETS).select_related("strategy")
    wanted = [
        Wanted(name=step.name, strategy=strategy, due_at=step.due_at, deadline=step.deadline)
        for strategy in (row.strategy for row in phases.order_by("strategy__pk"))
        for step in strategy_steps(strategy, session)
    ]
    wanted += [
        Wanted(name=step.name, strategy=None, due_at=step.due_at, deadline=step.deadline)
        for step in timetable(session, ACCOUNT_DAY)
    ]
    return wanted + _windows_on(account, day)


def strategy_steps(strategy: Strategy, session: Session | None) -> tuple[StepValue, ...]:
    """The steps of one strategy's session; only systems whose day is played by steps have any."""
    return timetable(session, rules_of(strategy)) if strategy.system == BRACKETS else ()


def rules_of(strategy: Strategy) -> tuple[Rule, ...]:
    """`moc_minutes`: how long before the exchange's own cut-off the auction's orders leave."""
    told = strategy.parameters.get("moc_minutes")
    return bracket_rules(timedelta(minutes=told) if isinstance(told, int) and told > 0 else BEFORE_CUT_OFF)


def _windows_on(account: Account, day: date) -> list[Wanted]:
    spans = [(window.title, window.on(day)) for window in restart_windows(account.gateway_id)]
    return [
        Wanted(
            name=title[:60],
            strategy=None,
            due_at=span[0],
            deadline=span[1] + BACK_AFTER,
            kind=DayStep.WINDOW,
        )
        for title, span in spans
        if span is not None
    ]


# the walk


def walk_timetable(now: datetime, works: Works, *, window: Work) -> str:
    """Once around: what was missed is told, what has begun goes on, what is due begins."""
    told = []
    for account in enabled_accounts():
        rows = list(_open_steps(account))
        steps = {str(row.pk): StepValue(str(row.pk), row.due_at, row.deadline) for row in rows}
        begun = {str(row.pk) for row in rows if row.started_at is not None}
        fresh = situation((one for key, one in steps.items() if key not in begun), {}, now)
        told += _miss(rows, {one.name for one in fresh.missed}, now)
        wanted = begun | {one.name for one in fresh.due}
        for row in (row for row in rows if str(row.pk) in wanted):
            work = window if row.kind == DayStep.WINDOW else works.get(row.name)
            if work is not None and (ended := work_on(row.pk, work, now)):
                told.append(f"{row}: {ended.outcome}")
    return "; ".join(told)


def _open_steps(account: Account) -> Iterable[DayStep]:
    rows = DayStep.objects.filter(account=account, outcome="").select_related("strategy", "account__gateway")
    return rows.order_by("due_at", "pk")


def _miss(rows: list[DayStep], names: set[str], now: datetime) -> list[str]:
    """Nobody needs an alarm for a window that passed while nobody looked: nothing was to be done in it."""
    late = [row for row in rows if str(row.pk) in names]
    for row in (row for row in late if row.kind == DayStep.WINDOW):
        end_step(row.pk, Ended(Outcome.SKIPPED, "nobody looked while it was open"), now)
    missed = miss_steps([row for row in late if row.kind == DayStep.STEP], now)
    return [f"{row}: missed" for row in missed]


def work_on(step_id: int, work: Work, now: datetime) -> Ended | None:
    """One go at one step, alone: a second worker at the same step finds the door shut and goes on."""
    with alone_at(f"step/{step_id}") as alone:
        if not alone:
            return None
        begin_step(step_id, now)
        row = DayStep.objects.select_related("strategy", "account__gateway").get(pk=step_id)
        if row.outcome:
            return None
        try:
            ended = work(row, now)
        except Exception as broken:
            log.exception("step_broken", step=str(row))
            if note_stumble(step_id, repr(broken)) < TRIES and now < row.deadline:
                return None
            ended = Ended(Outcome.FAILED, repr(broken), code="STEP_BROKEN")
        if ended is not None:
            end_step(step_id, ended, now)
        return ended
