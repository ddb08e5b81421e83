"""Move a window's deadline: five minutes later for a closer look, or to now by somebody who has proved it."""

from django.db import transaction

from apps.approvals.actions.start_window import keep_alive
from apps.approvals.models import Window
from apps.approvals.queries import window_value
from apps.journal.actions.write_entry import write_entry
from apps.journal.database_clock import database_now
from apps.journal.ports import Actor
from apps.operators.queries import require
from tradingdesk.domain.approvals import hold_window as decide_hold
from tradingdesk.domain.approvals import hurry_problem
from tradingdesk.domain.money import Reason


@transaction.atomic
def hold_window(window_id: int, *, actor: Actor) -> Reason | None:
    """None: it sends five minutes later than it would have."""
    window = _locked(window_id)
    require(actor, "hold", window.request.account.code)
    opening = decide_hold(window_value(window), database_now())
    if isinstance(opening, Reason):
        return opening
    before = window.send_at
    window.send_at, window.ends_at = opening.send_at, opening.ends_at
    window.held, window.row_version = window.held + 1, window.row_version + 1
    window.save(update_fields=["send_at", "ends_at", "held", "row_version"])
    keep_alive(window)
    _tell("hold_window", window, actor, before)
    return None


@transaction.atomic
def hurry_window(window_id: int, *, actor: Actor, proved: bool) -> Reason | None:
    """None: the link releases it as soon as it has looked at everything again."""
    window = _locked(window_id)
    require(actor, "send_now", window.request.account.code)
    problem = hurry_problem(window_value(window), proved=proved)
    if problem is not None:
        return problem
    before, now = window.send_at, database_now()
    window.send_at = min(now, before) if before else now
    window.ends_at, window.hurried_by = window.send_at, actor.name
    window.row_version += 1
    window.save(update_fields=["send_at", "ends_at", "hurried_by", "row_version"])
    _tell("hurry_window", window, actor, before)
    return None


def _locked(window_id: int) -> Window:
    rows = Window.objects.select_for_update(of=("self",)).select_related("request__account")
    return rows.get(pk=window_id)


def _tell(verb: str, window: Window, actor: Actor, before: object) -> None:
    write_entry(
        verb,
        subject=window,
        actor=actor,
        account=window.request.account.code,
        before={"send_at": before},
        after={"send_at": window.send_at},
        topics=("review",),
    )
