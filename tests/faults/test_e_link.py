"""The link's own hand on the window: real processes, a shortened window, the gateway's ledger as truth."""

import pytest

from apps.approvals.actions.start_window import start_window
from apps.approvals.models import Request, Window
from apps.desks.actions.beat import beat
from apps.desks.models import Phase
from apps.journal import clock
from apps.runbook.windows import return_overdue
from tests.apps.approvals.walking import TOLD
from tests.faults.harness import Stage


def counting(stage: Stage, settings: object, seconds: int) -> Request:
    settings.WALK_SECONDS = seconds  # type: ignore[attr-defined]
    Phase.objects.update(phase="walk")
    request = stage.propose()
    assert request.state == "counting", request.phase_reason
    beat("web")
    assert start_window(request.window.pk, delivered=TOLD) is None
    return request


def state_of(request: Request) -> str:
    beat("web")
    return Request.objects.get(pk=request.pk).state


def test_the_link_releases_at_the_deadline_and_the_orders_arrive(
    stage: Stage, settings: pytest.FixtureRequest
) -> None:
    stage.ready()
    request = counting(stage, settings, 3)
    assert stage.between() == [] and state_of(request) == "counting"
    stage.eventually(lambda: state_of(request) == "approved", "a released window")
    stage.eventually(lambda: set(stage.states(request).values()) == {"WORKING"}, "orders at the broker")
    window = Window.objects.get(request=request)
    assert 0 <= (window.closed_at - window.send_at).total_seconds() < 15


def test_a_link_that_comes_back_in_time_releases_and_one_that_does_not_leaves_it_to_people(
    stage: Stage, settings: pytest.FixtureRequest
) -> None:
    """E3."""
    stage.ready()
    request = counting(stage, settings, 12)
    stage.link.kill()
    stage.start()
    stage.eventually(lambda: state_of(request) != "counting", "an end of the window", 60)
    window = Window.objects.get(request=request)
    assert (window.state, window.reason_code) in (("released", ""), ("returned", "WINDOW_LATE"))
    assert return_overdue(clock.now()) == ""  # nothing is left to give back
