"""The gateway says 100, too many messages in a second: it took nothing of what was too much."""

from typing import Any

import pytest

from apps.broker.models import Ask, Evidence, LinkSession, LinkState
from apps.journal.models import Entry
from tests.faults.harness import Stage
from tests.faults.test_i_overload import arrivals
from tests.faults.test_i_slow_gateway import each_came_once, flood, requests_in_order

pytestmark = pytest.mark.deep

HALF = 2  # orders a second, of five
LOST_OR_WORKING = {"WORKING", "UNKNOWN", "CANCELLED", "REJECTED", "REFUSED", "NOT_SENT"}


def allow(stage: Stage, messages: int) -> None:
    stage.turn("switch", name="max_messages_per_second", value=str(messages))
    stage.turn("switch", name="pacing", value="reject")


def told_too_fast() -> Evidence | None:
    return Evidence.objects.filter(kind="error", code=100).order_by("pk").first()


def dropped(stage: Stage) -> set[str]:
    """References that came to the gateway and are no orders there."""
    return {ref for _, ref in arrivals(stage)} - set(stage.at_broker())


def siblings(stage: Stage, reference: str) -> list[dict[str, Any]]:
    """What the gateway holds of the same bracket."""
    bracket = reference.removesuffix("-1").rstrip("TS")
    return [row for ref, rows in stage.at_broker().items() if ref.startswith(bracket) for row in rows]


def settled(stage: Stage) -> bool:
    return set(stage.states().values()) <= LOST_OR_WORKING


def test_i2_told_that_it_is_too_fast_the_link_halves_its_pace_and_sends_nothing_again(stage: Stage) -> None:
    stage.ready()
    total = flood(stage, 6)
    stage.eventually(lambda: "WORKING" in stage.states().values(), "the first order at work", 60)
    allow(stage, 2)
    stage.eventually(lambda: dropped(stage), "an order that the gateway dropped", 30)
    allow(stage, 50)
    slowed = len(arrivals(stage))
    stage.eventually(lambda: len(arrivals(stage)) >= slowed + 9, "three more brackets", 60)
    row = LinkState.objects.get(gateway_id=stage.account.gateway_id)
    assert row.pacing["orders_allowed"] <= HALF and row.pacing["slowed_for_s"] > 0, row.pacing
    stage.eventually(lambda: each_came_once(stage, total) and settled(stage), "every order's fate", 180)
    came = [at for at, _ in arrivals(stage)]
    later = came[slowed + 3 :]  # what was on its way while it was told is over
    pace = (len(later) - 3) / (later[-3] - later[0])
    lost = dropped(stage)
    fate = {ref: stage.states()[ref.removeprefix("td-desk-").rpartition("-")[0]] for ref in lost}
    print(f"{pace:.2f} orders a second after error 100, 3 before; dropped and now: {fate}")
    assert lost and set(fate.values()) <= {"UNKNOWN", "CANCELLED"}
    halves = {row["status"] for ref in lost for row in siblings(stage, ref)}
    assert halves <= {"PreSubmitted", "Cancelled"}, halves  # no order of that bracket was let loose alone
    assert pace <= HALF + 0.1
    assert Entry.objects.filter(reason_code="GATEWAY_THROTTLES").count() == 1


def test_i2_a_cancel_that_was_too_much_is_sent_again_and_its_order_ends(stage: Stage) -> None:
    """An order is never sent twice; a cancel may be, and must not be lost."""
    stage.symbols = ("WEC", "KO", "NEE")
    stage.rest()
    stage.ready()
    stage.approve()
    stage.eventually(lambda: set(stage.states().values()) == {"WORKING"}, "all at work", 60)
    stage.turn("fault", kind="error", request="cancelOrder", code=100, text="Max rate", count=2)
    entries = [key for key in stage.states() if key[-1] in "AB"]
    for key in entries:
        stage.cancel(key)
    stage.eventually(told_too_fast, "error 100", 30)
    stage.eventually(lambda: set(stage.states().values()) == {"CANCELLED"}, "every order ended", 20)
    stage.eventually(lambda: not Ask.objects.filter(answered_at=None).exists(), "every cancel answered")
    written = requests_in_order(stage).count("cancel")
    print(f"{len(entries)} cancels asked for, {written} written")
    assert written >= len(entries) + 2 and LinkSession.objects.count() == 1
