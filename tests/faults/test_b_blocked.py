"""B14: the link is dead, or its loop stands still, and somebody presses stop."""

import signal
import time

import psutil
import pytest

from apps.broker.actions.retry_bracket import RetryRefused, retry_bracket
from apps.broker.models import Evidence, Intent
from apps.risk.actions.set_stop import set_stop
from apps.risk.models import Reservation, Stop
from tests.faults.harness import Stage
from tests.road.acts import TRADER

WHY = "seen in the gateway: it never came"
# where the process stands still → the states of bracket A's three orders after the stop was pressed
POINTS = {
    "after_claim": ["RELEASED", "RELEASED", "RELEASED"],
    "after_sending": ["NOT_SENT", "WITHDRAWN", "WITHDRAWN"],
    "after_sending:3": ["CANCELLED", "CANCELLED", "NOT_SENT"],
}


def stand_still(stage: Stage, point: str, seconds: float) -> None:
    """Stopped at that point; the operator presses stop; it goes on."""
    stage.ready(TD_PAUSE=point)
    stage.approve()
    assert stage.link.process is not None
    process = psutil.Process(stage.link.process.pid)
    stage.eventually(lambda: process.status() == psutil.STATUS_STOPPED, "a link that stands still")
    began = time.monotonic()
    stage.eventually(lambda: "does not report" in stage.banner(), "the dead link on the screen", 15)
    set_stop(Stop.HALTED, actor=TRADER, reason="the link is dead")
    stage.settle(max(0.0, seconds - (time.monotonic() - began)))
    process.send_signal(signal.SIGCONT)


def states_of_a(stage: Stage) -> list[str]:
    """Entry, target and stop of the first bracket, in the order of sending."""
    return [state for key, state in stage.states().items() if key.rstrip("TS-").endswith("A")]


def ours_sent(stage: Stage) -> int:
    return sum(any(field.startswith("td-") for field in row) for row in stage.gateway.placements())


@pytest.mark.parametrize(
    ("point", "seconds"),
    [
        *[pytest.param(point, 5, id=point) for point in POINTS],
        pytest.param("after_sending", 30, id="half-a-minute", marks=pytest.mark.deep),
    ],
)
def test_a_loop_that_wakes_after_a_stop_sends_nothing_more(stage: Stage, point: str, seconds: float) -> None:
    written = 2 if point == "after_sending:3" else 0
    stand_still(stage, point, seconds)
    stage.eventually(lambda: states_of_a(stage) == POINTS[point], f"{POINTS[point]} once it woke", 30)
    stage.wait_ready()
    stage.settle(1.5)
    assert ours_sent(stage) == written
    assert Stop.objects.get(scope="global").level == Stop.HALTED
    assert not Reservation.objects.filter(state=Reservation.HELD).exists()


def test_what_a_blocked_link_did_not_send_goes_out_once_when_a_person_says_so(stage: Stage) -> None:
    stand_still(stage, "after_sending", 5)
    stage.eventually(lambda: states_of_a(stage) == POINTS["after_sending"], "nothing of it sent", 30)
    entry = next(iter(stage.states()))
    told = Evidence.objects.get(kind="unwritten")
    assert told.intent is not None and told.intent.ticket.key == entry
    set_stop(Stop.ACTIVE, actor=TRADER, reason="the link is back")
    stage.wait_ready()
    stage.eventually(lambda: "WORKING" in stage.states().values(), "bracket B, which nobody held")
    assert states_of_a(stage) == POINTS["after_sending"]  # nothing is tried again by itself
    with pytest.raises(RetryRefused, match="ten characters"):
        retry_bracket(entry, actor=TRADER, reason="why not")
    retry_bracket(entry, actor=TRADER, reason=WHY)
    stage.eventually(lambda: states_of_a(stage) == ["WORKING"] * 3, "the bracket in its second attempt")
    refs = {ref for ref in stage.at_broker() if ref.startswith("td-")}
    assert {ref.rpartition("-")[2] for ref in refs if entry in ref} == {"2"}
    assert len(refs) == 6 and Intent.objects.filter(attempt=2).count() == 3
    with pytest.raises(RetryRefused, match="left unsent"):
        retry_bracket(entry, actor=TRADER, reason=WHY)


def test_a_link_that_was_killed_is_dead_on_the_screen_and_its_orders_are_told(stage: Stage) -> None:
    stage.ready()
    stage.approve()
    stage.eventually(lambda: set(stage.states().values()) == {"WORKING"}, "both brackets working")
    stage.link.kill()
    stage.eventually(lambda: "does not report" in stage.banner(), "the dead link on the screen", 15)
    set_stop(Stop.HALTED, actor=TRADER, reason="the link is dead")
    assert set(stage.states().values()) == {"WORKING"}  # nobody knows more than that
    stage.cancel(next(iter(stage.states())))
    stage.ready()
    stage.eventually(lambda: "CANCELLED" in stage.states().values(), "the cancel sent first of all")
    stage.settle(0.5)
    assert ours_sent(stage) == 6
