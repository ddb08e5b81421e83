"""A gateway that reads slowly, or answers late, while orders go out."""

from collections import Counter
from typing import Any

import pytest

from apps.broker.models import Intent
from tests.faults.harness import Stage
from tests.faults.test_i_overload import MANY, arrivals, price_them, propose_below, widen_limits
from tests.road.acts import execute

pytestmark = pytest.mark.deep


def flood(stage: Stage, names: int) -> int:
    """Approved at once, so that some of it still waits in the tables for a while. How many orders it is."""
    widen_limits()
    request = propose_below(stage, price_them(stage, MANY[:names]), quantity=4)
    decided: Any = execute(request)
    assert decided.approved, decided.reason
    return request.order_count


def each_came_once(stage: Stage, total: int) -> bool:
    seen = Counter(reference for _, reference in arrivals(stage))
    assert max(seen.values(), default=0) <= 1, seen
    return len(seen) == total


def settled(stage: Stage) -> bool:
    return not set(stage.states().values()) & {"RELEASED", "CLAIMED", "SENDING", "UNKNOWN"}


def requests_in_order(stage: Stage) -> list[str]:
    wanted = {"placeOrder": "order", "cancelOrder": "cancel"}
    return [wanted[row["name"]] for row in stage.gateway.records("in") if row.get("name") in wanted]


def test_i2_a_cancel_passes_what_waits_when_the_gateway_reads_slowly(stage: Stage) -> None:
    stage.ready()
    total = flood(stage, 6)
    stage.turn("fault", kind="slow_reader", client=11, ms=150)
    stage.eventually(lambda: "WORKING" in stage.states().values(), "the first order at work", 60)
    first = next(key for key, state in stage.states().items() if state == "WORKING")
    assert "RELEASED" in stage.states().values()
    stage.cancel(first)
    stage.eventually(lambda: stage.states()[first] == "CANCELLED", "the cancel confirmed", 60)
    stage.turn("clear")
    stage.eventually(lambda: settled(stage), "every order answered", 120)
    asked = requests_in_order(stage)
    assert "order" in asked[asked.index("cancel") :], (
        asked
    )  # orders that had been approved before it came after
    each_came_once(stage, total)


def test_i2_answers_that_come_two_seconds_late_make_nothing_unknown_and_nothing_twice(stage: Stage) -> None:
    stage.ready()
    stage.turn("fault", kind="late_answer", request="placeOrder", ms=2000)
    total = flood(stage, 2)
    stage.eventually(lambda: each_came_once(stage, total), "all at the gateway", 90)
    stage.turn("clear")
    stage.eventually(lambda: set(stage.states().values()) == {"WORKING"}, "all at work", 60)
    assert not Intent.objects.exclude(unknown_since=None).exists()
