"""Walk: told, counted by the database's clock, released once or not at all."""

from datetime import timedelta

import pytest

from apps.approvals.actions.hold_window import hold_window, hurry_window
from apps.approvals.actions.start_window import start_window
from apps.approvals.actions.tighten_plan import tighten_plan
from apps.approvals.models import Request, Window
from apps.desks.models import Heartbeat, Phase
from apps.journal import clock
from apps.journal.models import Entry
from apps.ledger.models import Position
from apps.market.models import LastQuote
from apps.risk.actions.set_stop import set_stop
from apps.runbook.cancelled import answer_of
from apps.runbook.invariants import broken_invariants
from apps.runbook.stopping import kill
from apps.runbook.windows import cancel_at_broker, cancel_counting, return_overdue
from apps.tickets.models import Ticket
from tests.apps.approvals.walking import (
    TOLD,
    end_now,
    let_walk,
    proposed_window,
    release,
    request_of,
    running_window,
)
from tests.stations import ADMIN, PRICE, TRADER, Stations, later


def cancel(window: Window) -> object:
    return cancel_counting(window.pk, actor=TRADER, how={})


def test_a_walking_plan_is_told_first_and_nothing_counts_before(stations: Stations) -> None:
    window = proposed_window(stations)
    assert (window.state, window.send_at, window.request.state) == ("asked", None, "counting")
    assert release(window).code == "WINDOW_ENDED"
    assert start_window(window.pk, delivered=TOLD) is None
    window.refresh_from_db()
    assert window.send_at - window.opened_at == timedelta(seconds=60)
    assert abs(window.send_at - later(1)) < timedelta(seconds=5)


def test_without_a_delivered_alert_it_is_a_persons_to_decide(stations: Stations) -> None:
    """E4."""
    window = proposed_window(stations)
    assert start_window(window.pk, delivered=[]).code == "WINDOW_ALERT_UNDELIVERED"
    request = request_of(window)
    assert (request.state, request.phase, request.phase_code) == (
        "proposed", "crawl", "WINDOW_ALERT_UNDELIVERED",
    )  # fmt: skip
    assert stations.execute(request).approved


def test_a_slow_alert_is_no_alert_and_the_request_does_not_wait_for_it(stations: Stations) -> None:
    """E4."""
    window = proposed_window(stations)
    Window.objects.update(asked_at=later(-0.5))
    assert return_overdue(clock.now()) == f"requests {window.request_id} are back in crawl"
    assert start_window(window.pk, delivered=TOLD).code == "WINDOW_ENDED"
    assert request_of(window).phase_code == "WINDOW_ALERT_LATE"


def test_at_its_deadline_everything_is_looked_at_and_it_goes(stations: Stations) -> None:
    window = running_window(stations)
    assert release(window).code == "WINDOW_RUNS"
    assert not Ticket.objects.exists()
    end_now(window)
    assert release(window) is None
    request = request_of(window)
    assert (request.state, request.decided_by, request.decision["by"]) == ("approved", "window", "window")
    assert Ticket.objects.filter(state="RELEASED").count() == request.order_count
    assert release(window).code == "WINDOW_ENDED"
    assert set(stations.send_all().values()) == {None}
    assert broken_invariants(clock.now()) == []


def test_a_cancel_in_time_sends_nothing_and_says_so(stations: Stations) -> None:
    window = running_window(stations)
    cancelled = cancel(window)
    assert answer_of(cancelled).title == "Cancelled, nothing was sent."
    assert (request_of(window).state, request_of(window).decided_by) == ("cancelled", "trader")
    end_now(window)
    assert release(window).code == "WINDOW_ENDED"
    assert not Ticket.objects.exists()
    assert answer_of(cancel(window)).title == "Cancelled before, nothing was sent."


def test_a_cancel_after_the_release_takes_back_what_has_not_left(stations: Stations) -> None:
    window = running_window(stations)
    end_now(window)
    assert release(window) is None
    cancelled = cancel(window)
    assert (cancelled.outcome, answer_of(cancelled).title) == ("recalled", "Cancelled, nothing was sent.")
    assert stations.send_all() == {}
    assert set(Ticket.objects.values_list("state", flat=True)) == {"WITHDRAWN"}


def test_too_late_is_said_to_the_tenth_and_one_more_tap_cancels_at_the_broker(stations: Stations) -> None:
    """E2."""
    window = running_window(stations, "WEC", "OWL")
    end_now(window, late=0.4)
    assert release(window) is None
    first = stations.claim(stations.brackets()[0])
    stations.send(first)
    cancelled = cancel(window)
    answer = answer_of(cancelled)
    assert cancelled.outcome == "late" and answer.at_broker
    assert answer.title.startswith("Too late by 0.") and ": sent 09:4" in answer.title
    assert cancelled.sent == 1
    at_broker = cancel_at_broker(window.pk, actor=TRADER)
    assert sorted(leg.said for leg in at_broker.legs) == ["asked"] * 3 + ["done"] * 9


def test_hold_moves_the_deadline_five_minutes_and_the_request_lives_on(stations: Stations) -> None:
    window = running_window(stations)
    assert hold_window(window.pk, actor=TRADER) is None
    held = Window.objects.get()
    assert held.send_at - window.send_at == timedelta(minutes=5)
    assert request_of(window).expires_at > held.send_at
    Request.objects.update(cutoff_at=later(7))
    assert hold_window(window.pk, actor=TRADER).code == "WINDOW_HOLD_PAST_CUT_OFF"


def test_sending_now_takes_a_proof_and_is_a_persons_act(stations: Stations) -> None:
    window = running_window(stations)
    assert hurry_window(window.pk, actor=TRADER, proved=False).code == "PROOF_STALE"
    assert hurry_window(window.pk, actor=TRADER, proved=True) is None
    assert release(window) is None
    assert request_of(window).decided_by == "trader"
    assert Entry.objects.get(verb="release_window").actor == "trader"


@pytest.mark.parametrize(("late", "code"), [(14.0, None), (16.0, "WINDOW_LATE"), (140.0, "WINDOW_LATE")])
def test_a_release_that_comes_late_is_no_release(stations: Stations, late: float, code: str | None) -> None:
    """E3."""
    window = running_window(stations)
    end_now(window, late=late)
    problem = release(window)
    assert (problem.code if problem else None) == code
    assert request_of(window).state == ("proposed" if code else "approved")


def test_a_dead_link_leaves_the_window_to_people(stations: Stations) -> None:
    """E3."""
    window = running_window(stations)
    end_now(window, late=16)
    assert return_overdue(clock.now()) != ""
    assert request_of(window).phase_code == "WINDOW_LATE"


def test_a_link_that_is_not_ready_waits_for_a_moment(stations: Stations) -> None:
    window = running_window(stations)
    end_now(window, late=1)
    assert release(window, link_ready=False).code == "LINK_NOT_READY"
    assert request_of(window).state == "counting"
    assert release(window) is None


def halt(stations: Stations) -> None:
    set_stop("HALTED", actor=ADMIN, reason="drill")


def cut(stations: Stations) -> None:
    stations.set_limits(daily_exposure=1000)


def stale(stations: Stations) -> None:
    LastQuote.objects.update(received_at=later(-1))


def moved(stations: Stations) -> None:
    stations.quote("WEC", bid=PRICE - 2, ask=PRICE - 1, last=PRICE - 2)


def differs(stations: Stations) -> None:
    stations.executed("0001.01.01", "30")
    Position.objects.update(broker_quantity=0, broker_at=later(1))


def demoted(stations: Stations) -> None:
    Phase.objects.update(phase="crawl")


def tightened(stations: Stations) -> None:
    tighten_plan(Request.objects.get().plan, "crawl", actor=TRADER, reason="odd", now=clock.now())


def edited(stations: Stations) -> None:
    Request.objects.get().plan.lines.update(quantity=31)


CHANGES = {
    "a stop": (halt, "STOP_HALTED"),
    "a limit was cut": (cut, "DAILY_EXPOSURE_EXCEEDED"),
    "the quote is stale": (stale, "QUOTE_STALE"),
    "the price moved": (moved, "APPROVAL_PRICE_MOVED"),
    "the books differ": (differs, "POSITIONS_DIFFER"),
    "the strategy was demoted": (demoted, "PHASE_TIGHTENED"),
    "the content was changed": (edited, "APPROVAL_CONTENT_CHANGED"),
}


@pytest.mark.parametrize("what", CHANGES)
def test_whatever_changed_in_the_window_brings_it_back_to_people(stations: Stations, what: str) -> None:
    """E7, D10."""
    window = running_window(stations)
    change, code = CHANGES[what]
    change(stations)
    end_now(window)
    assert release(window).code == code
    request = request_of(window)
    assert (request.state, request.phase, request.phase_code) == ("proposed", "crawl", code)
    assert not Ticket.objects.exists()


def test_a_tightened_plan_leaves_its_window_at_once(stations: Stations) -> None:
    window = running_window(stations)
    tightened(stations)
    assert request_of(window).phase_code == "PHASE_TIGHTENED"
    let_walk()
    assert stations.propose("OWL").state == "counting"


def test_without_a_web_process_nobody_could_have_watched(stations: Stations) -> None:
    window = running_window(stations)
    end_now(window)
    Heartbeat.objects.update(beat_at=later(-1))
    from apps.runbook.windows import release_due

    assert release_due(window.pk, link_ready=True, clock_jumped=False).code == "WEB_SILENT"


def test_a_clock_that_jumped_releases_nothing(stations: Stations) -> None:
    """E5."""
    window = running_window(stations)
    assert release(window, clock_jumped=True).code == "CLOCK_JUMPED"
    assert request_of(window).phase == "crawl"


def test_a_window_that_would_pass_the_cut_off_is_never_asked_for(stations: Stations) -> None:
    """E6: a cut-off of 319 minutes before the close is a minute from now."""
    let_walk()
    stations.set_limits(minutes_to_close=379)
    request = stations.propose("WEC")
    assert (request.state, request.phase, request.phase_code) == (
        "proposed", "crawl", "WINDOW_PAST_CUT_OFF",
    )  # fmt: skip
    assert not Window.objects.exists()


def test_a_new_phase_is_not_retroactive(stations: Stations) -> None:
    """D10: what waits in crawl goes on waiting when its strategy may walk or run."""
    request = stations.propose("WEC")
    for phase in ("walk", "run"):
        let_walk(phase)
        request.refresh_from_db()
        assert (request.state, request.phase) == ("proposed", "crawl")
    assert stations.execute(request).approved


@pytest.mark.parametrize("scope", ["global", "account", "strategy"])
def test_no_countdown_outlives_a_stop_even_when_trading_goes_on_within_the_minute(
    stations: Stations, scope: str
) -> None:
    window = running_window(stations)
    request = window.request
    key = {"account": request.account.code, "strategy": request.strategy.name}.get(scope, "")
    kill(scope, key, level="HALTED", flatten=False, actor=TRADER, reason="drill", now=clock.now())
    set_stop("ACTIVE", scope=scope, key=key, actor=ADMIN, reason="over")
    end_now(window)
    assert release(window).code == "WINDOW_ENDED"
    request = request_of(window)
    assert (request.state, request.phase, request.phase_code) == ("proposed", "crawl", "WINDOW_STOPPED")
    assert not Ticket.objects.exists()


def test_a_stop_elsewhere_leaves_a_countdown_alone(stations: Stations) -> None:
    window = running_window(stations)
    kill("strategy", "another", level="HALTED", flatten=False, actor=TRADER, reason="drill", now=clock.now())
    end_now(window)
    assert release(window) is None
