"""Data farms that come and go while brackets are sent and work."""

import itertools
from typing import Any

import pytest

from apps.broker.models import Intent, LinkSession, LinkState
from apps.tickets.models import Ticket
from tests.faults.harness import Stage
from tests.faults.test_i_overload import MANY, price_them, propose_below, widen_limits
from tests.faults.test_i_slow_gateway import each_came_once, requests_in_order
from tests.road.acts import execute

pytestmark = pytest.mark.deep

BROKEN, WELL = ("2103", "2105"), ("2104", "2106")
TICKS = "tickPrice,tickSize,tickString,tickGeneric"
QUOTE_AGE = 5


def say(stage: Stage, codes: tuple[str, ...]) -> None:
    for code in codes:
        stage.turn("link", code=code)


def states(stage: Stage) -> set[str]:
    return set(stage.states().values())


def at_rest(stage: Stage, waiting: str) -> bool:
    """Nothing is on its way, and what has not left says why."""
    reasons = set(Ticket.objects.filter(state="RELEASED").values_list("reason_code", flat=True))
    return states(stage) == {"WORKING", "RELEASED"} and reasons == {waiting}


def test_h5_farms_that_come_and_go_touch_no_order_and_entries_wait_for_a_fresh_quote(stage: Stage) -> None:
    """No tactic of this desk walks a price up a ladder. In its place stand the brackets of a plan that still
    wait for their turn: each needs a fresh quote at its claim and again before its write."""
    widen_limits(quote_age=QUOTE_AGE)
    stage.ready()
    request = propose_below(stage, price_them(stage, MANY[:8]), quantity=4)
    decided: Any = execute(request)
    assert decided.approved, decided.reason
    flaps = itertools.count()

    def some_work_under_flaps() -> bool:
        say(stage, WELL if next(flaps) % 2 else BROKEN)
        return list(stage.states().values()).count("WORKING") >= 6

    stage.eventually(some_work_under_flaps, "two brackets at work", 60)
    say(stage, BROKEN)
    stage.turn("fault", kind="mute", message=TICKS)
    stage.eventually(lambda: at_rest(stage, "QUOTE_STALE"), "the others waiting for a quote", 40)
    row = LinkState.objects.get(gateway_id=stage.account.gateway_id)
    assert row.state == "ready" and set(row.farms.values()) >= set(BROKEN), (row.state, row.farms)
    sent = {key for key, state in stage.states().items() if state == "WORKING"}
    assert "cancel" not in requests_in_order(stage) and each_came_once(stage, len(sent))
    stage.cancel(min(sent))
    stage.eventually(lambda: stage.states()[min(sent)] == "CANCELLED", "a cancel with the farms broken", 10)
    stage.turn("clear")
    say(stage, WELL)
    stage.eventually(lambda: "RELEASED" not in states(stage) and not stage.between(), "the rest", 120)
    assert each_came_once(stage, request.order_count) and states(stage) == {"WORKING", "CANCELLED"}
    assert requests_in_order(stage).count("cancel") == 1 and LinkSession.objects.count() == 1
    assert not Intent.objects.exclude(unknown_since=None).exists()
    print(f"{len(sent)} orders sent under {next(flaps)} flaps, {request.order_count - len(sent)} waited")
