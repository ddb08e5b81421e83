"""Races on the window: one of cancel and release wins, and what the person reads is what was sent."""

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connections

from apps.approvals.models import Request, Window
from apps.broker.actions import claim_bracket as claiming
from apps.journal import clock
from apps.journal.database_clock import database_now
from apps.journal.queries import verify
from apps.runbook import windows as walking
from apps.runbook.cancelled import answer_of
from apps.runbook.invariants import broken_invariants
from apps.runbook.windows import Cancelled, cancel_counting
from apps.tickets.models import Ticket
from tests.apps.approvals.walking import end_now, move_deadline, release, running_window
from tests.faults.test_d_operators import at_once
from tests.stations import PRICE, TRADER, Stations

NOTHING_SENT = "Cancelled, nothing was sent."


def roomy(stations: Stations) -> None:
    stations.set_limits(
        daily_exposure=10**9,
        daily_notional=10**9,
        gross_exposure=10**9,
        open_positions=10**4,
        order_rate=10**5,
    )


def next_window(stations: Stations, number: int) -> Window:
    stations.refresh()
    return running_window(stations, f"S{number}")


def cancel(window: Window) -> Cancelled:
    return cancel_counting(window.pk, actor=TRADER, how={})


def link_at_its_deadline(stations: Stations, window: Window) -> None:
    """What the link does: asks until it is told, then claims and writes."""
    while True:
        stations.refresh()
        problem = release(window)
        if problem is None:
            stations.send_all()
            return
        if problem.code != "WINDOW_RUNS":
            return
        time.sleep(0.002)


def cancel_at(window: Window, moment: datetime) -> Cancelled:
    while (left := (moment - database_now()).total_seconds()) > 0:
        time.sleep(min(left, 0.005))
    return cancel(window)


def check_truth(stations: Stations, window: Window, cancelled: Cancelled) -> None:
    """What was said against what was written where the wire would be."""
    keys = set(Ticket.objects.filter(request=window.request_id).values_list("key", flat=True))
    sent = [ref for ref in stations.written if ref.removeprefix("td-desk-").rpartition("-")[0] in keys]
    answer = answer_of(cancelled)
    if cancelled.outcome == "late":
        assert sent and answer.title.startswith("Too late by ")
    else:
        assert (answer.title, sent) == (NOTHING_SENT, [])


@pytest.mark.parametrize("rounds", [8, pytest.param(1000, marks=pytest.mark.deep)])
def test_of_a_cancel_and_a_release_in_the_same_millisecond_one_wins(
    transactional_db: None, stations: Stations, rounds: int
) -> None:
    """E1."""
    roomy(stations)
    for number in range(rounds):
        window = next_window(stations, number)
        end_now(window)
        cancelled, problem = at_once([lambda w=window: cancel(w), lambda w=window: release(w)])
        state = Request.objects.get(pk=window.request_id).state
        assert (cancelled.outcome, problem is None, state) in (
            ("cancelled", False, "cancelled"),
            ("recalled", True, "approved"),
        )
        assert answer_of(cancelled).title == NOTHING_SENT
        stations.send_all()
    assert stations.written == []
    assert broken_invariants(clock.now()) == [] and verify().finding is None


@pytest.mark.parametrize("off", [-0.05, 0.05])
@pytest.mark.parametrize("rounds", [3, pytest.param(500, marks=pytest.mark.deep)])
def test_at_the_boundary_the_answer_is_what_was_sent(
    transactional_db: None, stations: Stations, rounds: int, off: float
) -> None:
    """A cancel 50 ms before or after the deadline, while the link works as fast as it can."""
    roomy(stations)
    told: list[str] = []
    for number in range(rounds):
        window = next_window(stations, number)
        deadline = database_now() + timedelta(seconds=0.25)
        move_deadline(window, deadline)
        press = deadline + timedelta(seconds=off)
        _, cancelled = at_once(
            [lambda w=window: link_at_its_deadline(stations, w), lambda w=window, p=press: cancel_at(w, p)]
        )
        check_truth(stations, window, cancelled)
        told.append(cancelled.outcome)
    assert set(told) <= {"cancelled", "recalled", "late"}
    assert broken_invariants(clock.now()) == []
    connections.close_all()


Break = Callable[[pytest.MonkeyPatch], None]


def timed_by_the_client(patch: pytest.MonkeyPatch) -> None:
    """Whoever asks says what time it is: an hour later than the database thinks."""
    real = database_now
    patch.setattr(walking, "database_now", lambda: real() + timedelta(seconds=65))
    patch.setattr(walking, "web_is_fresh", lambda now: True)

    def unconditional(window: Window, *, how: dict[str, Any]) -> bool:
        at = clock.now()
        Window.objects.filter(pk=window.pk).update(state="released", send_at=at, closed_at=at)
        told = {"state": "approved", "decided_at": at, "decided_by": "window"}
        Request.objects.filter(pk=window.request_id).update(**told)
        window.request.refresh_from_db()
        return True

    patch.setattr(walking, "release_window", unconditional)


def digest_not_looked_at(patch: pytest.MonkeyPatch) -> None:
    real = walking.look_again

    def blind(request: Request, **more: Any) -> Any:
        look = real(request, **more)
        return replace(look, situation=replace(look.situation, digest=request.digest))

    patch.setattr(walking, "look_again", blind)
    patch.setattr(claiming, "_authority_problem", lambda request, digest, now: None)


def too_early(stations: Stations) -> None:
    stations.set_limits(quote_age=600)
    window = running_window(stations)
    release(window)
    stations.send_all()


def edited_in_the_window(stations: Stations) -> None:
    window = running_window(stations)
    window.request.plan.lines.update(limit_price=PRICE + 1)
    end_now(window)
    release(window)
    stations.send_all()


VARIANTS: dict[str, tuple[Callable[[Stations], None], Break]] = {
    "the window is timed by whoever asks": (too_early, timed_by_the_client),
    "the digest is not looked at again": (edited_in_the_window, digest_not_looked_at),
}


@pytest.mark.parametrize("what", VARIANTS)
def test_the_window_as_it_is_survives_what_breaks_the_variant(stations: Stations, what: str) -> None:
    VARIANTS[what][0](stations)
    assert stations.written == [] and broken_invariants(clock.now()) == []


@pytest.mark.parametrize("what", VARIANTS)
def test_a_broken_window_is_caught(stations: Stations, monkeypatch: pytest.MonkeyPatch, what: str) -> None:
    scenario, break_it = VARIANTS[what]
    break_it(monkeypatch)
    scenario(stations)
    assert stations.written != []
    assert "S3" in {broken.invariant for broken in broken_invariants(clock.now())}
