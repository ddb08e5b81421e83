"""What each step of the day does. A step is called again and again until it says how it ended, so each of
them looks at what there is and does what is missing; nothing of it may be done twice by being called twice.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from apps.approvals.models import Request
from apps.broker.queries import link_view, sessions_since
from apps.desks.models import Account, Strategy
from apps.journal.ports import SYSTEM
from apps.ledger.actions.book_day import book_days
from apps.ledger.dayreading import total_of
from apps.ledger.queries import day_results
from apps.plans.models import Plan
from apps.reports.actions.close_report import close_report
from apps.reports.ports import StepTold
from apps.risk.actions.ask_close_out import ask_close_out, open_again
from apps.risk.models import StoppedOrder, Stopping
from apps.runbook.actions.move_step import Ended
from apps.runbook.flattening import positions_in
from apps.runbook.models import DayStep
from apps.runbook.queries import steps_of_day
from apps.runbook.timetable import BACK_AFTER
from apps.tickets.models import Ticket
from tradingdesk.domain.market.timetable import REPORT, Outcome
from tradingdesk.domain.tickets.states import DONE, State

REASONS = {
    "LINK_NOT_BACK": "A restart window is over and the link is not ready again.",
    "CLOSE_OUT_OPEN": "The close-out has not come to an end: an order's fate is open.",
    "DAY_NOT_FLAT": "After the close something is still held or still working.",
    "PLAN_UNDECIDED": "A plan of the day was never proposed, or nobody decided about it in time.",
}
PLAN_AWAITED = timedelta(minutes=5)  # after the step is due
OPEN_AFTER = timedelta(minutes=30)  # after the deadline, before a close-out that does not end is told
VERIFIED_WITHIN = timedelta(minutes=20)
REPORT_WAITS = timedelta(minutes=40)  # for the strategies' own steps
_UNSENT = [State.WRITTEN.value, State.RELEASED.value, State.CLAIMED.value, State.SENDING.value]
_DONE = [state.value for state in DONE]


def strategy_of(step: DayStep) -> Strategy:
    assert step.strategy is not None, "a strategy's step has its strategy"
    return step.strategy


# plans go out


def submit(step: DayStep, now: datetime) -> Ended | None:
    """Over when every plan of the day was put to the gate of its phase, was decided, and has left."""
    plans = _plans(step)
    if not plans:
        since = max(step.due_at, step.started_at or step.due_at)
        by_files = strategy_of(step).parameters.get("by_files", True) is True
        awaited = by_files and now < min(since + PLAN_AWAITED, step.deadline)
        return None if awaited else Ended(Outcome.NOTHING, "no plan came for today")
    late = now >= step.deadline
    waiting = [plan for plan in plans if _is_open(plan)]
    if waiting and not late:
        return None
    if waiting:
        named = ", ".join(f"plan {plan.pk}" for plan in waiting)
        return Ended(Outcome.MISSED, f"{named}: nobody decided in time", code="PLAN_UNDECIDED")
    tickets = Ticket.objects.filter(request__plan__in=plans)
    unsent = tickets.filter(state__in=_UNSENT).count()
    if unsent and not late:
        return None
    if unsent:
        return Ended(Outcome.FAILED, f"{unsent} orders were approved and have not left")
    return _submitted(plans, list(tickets.select_related("line", "contract")))


def _plans(step: DayStep) -> list[Plan]:
    rows = Plan.objects.filter(
        strategy=step.strategy, account=step.account, trading_day=step.session_date
    ).exclude(state__in=[Plan.SUPERSEDED, Plan.WITHDRAWN])
    return list(rows.select_related("strategy").order_by("pk"))


def _is_open(plan: Plan) -> bool:
    """Nobody has said the last word of it yet."""
    if plan.state == Plan.RECEIVED:
        return True
    last = plan.requests.order_by("-pk").first()
    if last is None or plan.state == Plan.NOTHING:
        return False
    comes_back = last.state == Request.EXPIRED and plan.strategy.parameters.get("propose_again") is True
    return last.state in Request.OPEN or comes_back


def _submitted(plans: Sequence[Plan], tickets: Sequence[Ticket]) -> Ended:
    entries = [one for one in tickets if one.role == "entry"]
    if not entries:
        states = {plan.requests.order_by("-pk").values_list("state", flat=True).first() for plan in plans}
        told = ", ".join(sorted(state for state in states if state)) or "no line of it can be traded"
        outcome = Outcome.NOTHING if states == {None} else Outcome.SKIPPED
        return Ended(outcome, f"nothing was sent: {told}", {"plans": len(plans)})
    worth = sum((one.quantity * (one.limit_price or 0) for one in entries), start=Decimal(0))
    names = sorted({one.contract.symbol for one in entries})
    refused = sum(one.state == State.REFUSED.value for one in entries)
    numbers: dict[str, Any] = {
        "plans": len(plans),
        "tickers": len(names),
        "names": names,
        "brackets": len(entries),
        "orders": len(tickets),
        "exposure": str(worth.quantize(Decimal("0.01"))),
        "refused": refused,
    }
    told = f"{len(names)} tickers, {len(entries)} brackets, {worth:,.0f}"
    return Ended(Outcome.DONE, f"{told}; {refused} refused" if refused else told, numbers)


# positions are closed


def close_out(step: DayStep, now: datetime) -> Ended | None:
    """Cancel, see it confirmed, send what is held to the closing auction, see it flat.

    What is flat before the cut-off is looked at until then: a sale that is taken back is held again.
    """
    strategy = strategy_of(step)
    row = _asked(step, Stopping.CLOSE_OUT)
    if row is None:
        if not something_lives(step.account, strategy):
            over = now >= step.deadline
            return Ended(Outcome.NOTHING, "nothing held and nothing working") if over else None
        if now >= step.deadline:
            told = "nothing was asked for before the auction's cut-off"
            return Ended(Outcome.MISSED, told, code="STEP_MISSED")
        row = _ask(step, Stopping.CLOSE_OUT, now)
    if row.state != Stopping.ENDED:
        if now < step.deadline + OPEN_AFTER:
            return None
        return Ended(Outcome.FAILED, f"{row} has not ended: {row.state}", _numbers(row), "CLOSE_OUT_OPEN")
    numbers = _numbers(row)
    if row.flat_at is None:
        return Ended(Outcome.FAILED, row.note, numbers, "STOP_NOT_FLAT")
    if now < step.deadline:
        if still_held(step.account, strategy):
            open_again(row, now)
        return None
    told = f"{numbers['cancelled']} cancelled, {numbers['closes']} MOC, flat"
    return Ended(Outcome.DONE, "; ".join(text for text in (told, row.note) if text), numbers)


def clean_up(step: DayStep, now: datetime) -> Ended | None:
    """After the close: what still works is cancelled, and the broker's own books must say flat."""
    strategy = strategy_of(step)
    row = _asked(step, Stopping.CLEAN_UP)
    if row is None:
        if not _traded(step) and not something_lives(step.account, strategy):
            return Ended(Outcome.NOTHING, "nothing was sent today")
        row = _ask(step, Stopping.CLEAN_UP, now)
    if row.state != Stopping.ENDED:
        if now < (step.started_at or step.due_at) + VERIFIED_WITHIN:
            return None
        told = f"could not be verified: {row.state}"
        return Ended(Outcome.FAILED, told, _numbers(row), "DAY_NOT_FLAT")
    if row.flat_at is None or row.note:
        return Ended(Outcome.FAILED, row.note or "not flat", _numbers(row), "DAY_NOT_FLAT")
    return Ended(Outcome.DONE, "no position, no open order", _numbers(row))


def _asked(step: DayStep, purpose: str) -> Stopping | None:
    return Stopping.objects.filter(
        purpose=purpose,
        account_code=step.account.code,
        key=strategy_of(step).name,
        day=step.session_date,
    ).first()


def _ask(step: DayStep, purpose: str, now: datetime) -> Stopping:
    return ask_close_out(
        purpose,
        account_code=step.account.code,
        strategy=strategy_of(step).name,
        day=step.session_date,
        now=now,
    )


def something_lives(account: Account, strategy: Strategy) -> bool:
    alive = Ticket.objects.filter(account=account, strategy=strategy).exclude(state__in=_DONE)
    return alive.exists() or still_held(account, strategy)


def still_held(account: Account, strategy: Strategy) -> bool:
    return bool(positions_in("strategy", strategy.name, account_code=account.code))


def _traded(step: DayStep) -> bool:
    return Ticket.objects.filter(
        account=step.account, strategy=step.strategy, request__plan__trading_day=step.session_date
    ).exists()


def _numbers(row: Stopping) -> dict[str, Any]:
    cancels = StoppedOrder.objects.filter(stopping=row, kind=StoppedOrder.CANCEL)
    closes = Ticket.objects.filter(stopping=row)
    return {
        "stopping": row.pk,
        "cancelled": cancels.filter(result=StoppedOrder.CONFIRMED).count(),
        "filled_meanwhile": cancels.filter(result=StoppedOrder.FILLED).count(),
        "unconfirmed": cancels.exclude(result__in=StoppedOrder.FINAL).count(),
        "closes": closes.count(),
        "closed": str(sum((one.filled for one in closes), start=Decimal(0)).normalize()),
    }


# the day is told


def report(step: DayStep, now: datetime) -> Ended | None:
    """The account's results, for good; after the strategies have ended their day, or given up on it."""
    if now >= step.deadline:
        return Ended(Outcome.MISSED, "the report was not made in time", code="STEP_MISSED")
    rows = steps_of_day(step.account, step.session_date)
    others = [row for row in rows if row.strategy_id is not None and not row.outcome]
    if others and now < step.due_at + REPORT_WAITS:
        return None
    book_days(step.account, now)
    made = close_report(step.account, step.session_date, actor=SYSTEM, now=now, steps=_told(rows))
    results = list(day_results(step.session_date, step.account_id))
    fills = sum(row.fills for row in results)
    net = total_of(row.net for row in results)
    provisional = any(row.provisional for row in results)
    numbers = {
        "report": made.pk,
        "strategies": len(results),
        "fills": fills,
        "net": None if net is None else str(net),
        "provisional": provisional,
    }
    if not results:
        return Ended(Outcome.NOTHING, "nothing was traded and nothing is held", numbers)
    amount = "result unknown" if net is None else f"{net:+,.2f}".replace("-", "−")
    told = f"{fills} fills, {amount}{' provisional' if provisional else ''}"
    return Ended(Outcome.DONE, told, numbers)


def _told(rows: Sequence[DayStep]) -> list[StepTold]:
    """The session's steps as the report keeps them; its own one has not ended yet and is not among them."""
    return [
        StepTold(
            name=f"{row.name}, {row.strategy.name}" if row.strategy else row.name,
            due_at=row.due_at,
            outcome=row.outcome or "planned",
            ended_at=row.ended_at,
            told=row.told,
        )
        for row in rows
        if row.name != REPORT
    ]


# windows pass


def pass_window(step: DayStep, now: datetime) -> Ended | None:
    """A restart or a maintenance: nothing is sent in it; after it the link must be ready again."""
    end = step.deadline - BACK_AFTER
    if now < end:
        return None
    broken = sessions_since(step.account.gateway_id, step.due_at).count()
    numbers = {"connections": broken}
    if link_view(step.account.gateway_id, now).ready:
        return Ended(Outcome.DONE, f"the link is ready, {broken} new connections", numbers)
    if now < step.deadline:
        return None
    return Ended(Outcome.FAILED, "the link is not ready again", numbers, "LINK_NOT_BACK")
