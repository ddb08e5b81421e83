"""The gate of walk: a window that ran out releases what it held, once everything was looked at again.

Cancelling and releasing each end in one conditional UPDATE of the window's row, so exactly one is true.
What the person who cancels is told is read from the rows afterwards, not from what was hoped.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import OperationalError, transaction

from apps.approvals.actions.cancel_window import cancel_window
from apps.approvals.actions.release_window import release_window
from apps.approvals.actions.return_window import return_window
from apps.approvals.models import Window
from apps.approvals.queries import locked_request, tightened_to, window_of, window_value, windows_running
from apps.broker.actions.ask_cancel import ask_cancel
from apps.broker.models import Intent
from apps.desks.queries import last_beat, phase_of
from apps.journal.database_clock import database_now
from apps.journal.ports import Actor
from apps.ledger.queries import held_positions
from apps.plans.models import Line
from apps.runbook.content import groups_of
from apps.runbook.gate import Look, drift_of, look_again, rules_of
from apps.runbook.road import first_block
from apps.runbook.walking import passive
from apps.tickets.actions.write_tickets import write_tickets
from apps.tickets.models import Ticket
from apps.tickets.queries import tickets_of_request
from tradingdesk.domain.approvals import (
    Phase,
    Surroundings,
    as_shown,
    drift_problem,
    overdue,
    release_problem,
    strictest,
)
from tradingdesk.domain.approvals.windows import WAITS
from tradingdesk.domain.money import Reason
from tradingdesk.domain.risk import Outcome
from tradingdesk.domain.risk.stops import StopLevel
from tradingdesk.domain.tickets.states import NEVER_LEFT, State, is_done

log = structlog.get_logger(__name__)

ATTEMPTS = 4
WEB_GOOD_FOR = timedelta(seconds=10)
LINK = Actor("link", "link")


@transaction.atomic
def release_due(window_id: int, *, link_ready: bool, clock_jumped: bool) -> Reason | None:
    """The link asks at the deadline. None: released, its tickets are written. A reason that is no waiting one
    has taken it back to crawl."""
    window = window_of(window_id)
    if window is None:
        return Reason("WINDOW_ENDED", "there is no such window")
    at_a_glance = Surroundings(
        now=database_now(),
        digest_holds=True,
        phase=Phase.WALK,
        stop=StopLevel.ACTIVE,
        outcome=Outcome.PASS,
        link_ready=link_ready,
        clock_jumped=clock_jumped,
    )
    problem = release_problem(window_value(window), at_a_glance)
    if problem is None:
        return _release(window, at_a_glance)
    return _refuse(window, problem)


def _release(window: Window, glance: Surroundings) -> Reason | None:
    request = locked_request(window.request_id)
    look = look_again(request, stage="release", now=database_now())
    window.refresh_from_db(from_queryset=Window.objects.select_related("request"))
    window.request = request
    problem = release_problem(window_value(window), _around(window, look, glance))
    if problem is not None:
        return _refuse(window, problem)
    how = {"drift_bps": drift_of(request, look.situation.present.mids), "delivered": window.delivered}
    if not release_window(window, how=how):
        return Reason("WINDOW_ENDED", "somebody else was first, or it is too late")
    write_tickets(window.request, groups_of(request.plan_id, look.lines), actor=LINK, now=look.situation.now)
    return None


def _around(window: Window, look: Look, glance: Surroundings) -> Surroundings:
    request, situation = window.request, look.situation
    rules = rules_of(request, look.limit_set)
    shown = as_shown(request.shown, limit_set=request.limit_set_id)
    # A link that was renewed while the window ran has read everything again before it calls itself ready.
    present = replace(situation.present, link_session=shown.link_session)
    return replace(
        glance,
        now=database_now(),
        digest_holds=situation.digest == request.digest,
        phase=strictest(
            Phase.WALK, Phase(phase_of(request.strategy, request.account)), tightened_to(request.plan_id)
        ),
        stop=situation.stop,
        outcome=situation.outcome,
        blocked=first_block(look.judged),
        drift=drift_problem(shown, present, max_drift_bps=rules.max_drift_bps),
        books_agree=books_agree(request.account_id, look.lines),
        web_fresh=web_is_fresh(glance.now),
        market=None if not window.sent_first or passive(look.lines) else NOT_PASSIVE,
    )


NOT_PASSIVE = Reason("ORDERS_NOT_PASSIVE", "the market came to the orders that were to rest first")


def _refuse(window: Window, problem: Reason) -> Reason:
    if problem.code not in WAITS and problem.code != "WINDOW_ENDED":
        return_window(window, problem, actor=LINK)
    return problem


def web_is_fresh(now: datetime) -> bool:
    beat = last_beat("web")
    return beat is not None and abs(now - beat) < WEB_GOOD_FOR


def books_agree(account_id: int, lines: Sequence[Line]) -> bool:
    """Whether the broker, asked after our own last change, counts what we count of these contracts."""
    contracts = {line.contract_id for line in lines}
    return not any(
        row.broker_quantity != row.quantity
        for row in held_positions(account_id)
        if row.contract_id in contracts and row.broker_at is not None and row.broker_at >= row.changed_at
    )


def return_overdue(now: datetime) -> str:
    """Whatever is dead, no window stays open past its lateness: people get it back."""
    returned = []
    for window in windows_running():
        reason = overdue(window_value(window), database_now())
        if reason is not None and return_window(window, reason):
            returned.append(str(window.request_id))
    return f"requests {', '.join(returned)} are back in crawl" if returned else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """One order of a released window, and what became of its cancel."""

    key: str
    title: str
    said: str  # withdrawn, asked, done
    filled: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancelled:
    """What is true after somebody pressed CANCEL."""

    outcome: str  # cancelled, recalled, late, cancelled before, returned
    window: Window
    pressed_at: datetime
    sent_at: datetime | None = None
    late_by: float = 0.0
    sent: int = 0
    legs: tuple[Leg, ...] = ()


def cancel_counting(window_id: int, *, actor: Actor, how: dict[str, Any]) -> Cancelled:
    """Cancelled if it was in time. Too late, whatever has not left by then is taken back all the same."""
    pressed_at = database_now()
    won = cancel_window(window_id, actor=actor, how=how)
    window = window_of(window_id)
    assert window is not None
    if won:
        return Cancelled(outcome="cancelled", window=window, pressed_at=pressed_at)
    if window.state != Window.RELEASED:
        outcome = "returned" if window.state == Window.RETURNED else "cancelled before"
        return Cancelled(outcome=outcome, window=window, pressed_at=pressed_at)
    recall_unsent(window.request_id, actor=actor)
    sent = Intent.objects.filter(ticket__request=window.request_id).exclude(sending_at=None)
    first = sent.order_by("sending_at").values_list("sending_at", flat=True).first()
    if first is None:
        return Cancelled(outcome="recalled", window=window, pressed_at=pressed_at)
    late = (pressed_at - (window.send_at or pressed_at)).total_seconds()
    return Cancelled(
        outcome="late",
        window=window,
        pressed_at=pressed_at,
        sent_at=first,
        late_by=max(late, 0.0),
        sent=sent.filter(ticket__role="entry").count(),
    )


def recall_unsent(request_id: int, *, actor: Actor) -> int:
    """Brackets that were released and not written yet do not leave any more. How many those were."""
    states = [state.value for state in NEVER_LEFT if not is_done(state)]
    waiting = tickets_of_request(request_id).filter(state__in=states, position_in_bracket=0)
    keys = list(waiting.values_list("key", flat=True))
    for key in keys:
        _ask_through(key, actor)
    return len(keys)


def _ask_through(key: str, actor: Actor) -> str:
    """A claim of the same bracket may hold the tickets the other way round; then one of the two begins anew,
    and it is better that a cancel does so by itself than that a person is shown an error."""
    for _ in range(ATTEMPTS - 1):
        try:
            return ask_cancel(key, actor=actor)
        except OperationalError as crossed:
            log.warning("cancel_crossed_a_claim", ticket=key, error=str(crossed).partition("\n")[0])
    return ask_cancel(key, actor=actor)


def cancel_at_broker(window_id: int, *, actor: Actor) -> Cancelled:
    """One tap after it was too late: every order of it that lives, each with its own answer."""
    window = window_of(window_id)
    assert window is not None
    legs = tuple(_cancel_leg(ticket, actor) for ticket in tickets_of_request(window.request_id))
    return Cancelled(outcome="asked", window=window, pressed_at=database_now(), legs=legs)


def _cancel_leg(ticket: Ticket, actor: Actor) -> Leg:
    said = "done" if is_done(State(ticket.state)) else _ask_through(ticket.key, actor)
    title = f"{ticket.side} {ticket.quantity.normalize():f} {ticket.contract.symbol} {ticket.role}"
    return Leg(key=ticket.key, title=title, said=said, filled=f"{ticket.filled.normalize():f}")
