from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from tradingdesk.domain.money import Reason
from tradingdesk.domain.risk import StopLevel
from tradingdesk.domain.tickets import (
    LIVE_INTENTS,
    PROTOCOL_VERSION,
    Attempt,
    ClaimFacts,
    IntentAct,
    IntentActRefused,
    IntentState,
    OrderState,
    SendFacts,
    State,
    claim_problem,
    perform_on_intent,
    send_problem,
    settle_intent,
)
from tradingdesk.domain.tickets.submission import INTENT_ACTS

NOW = datetime(2026, 2, 18, 15, tzinfo=UTC)
CLAIM = ClaimFacts(
    state=State.RELEASED,
    now=NOW,
    not_after=NOW + timedelta(minutes=5),
    protocol_version=PROTOCOL_VERSION,
    own_epoch=3,
    lease_epoch=3,
    live_attempt=False,
    stop=StopLevel.ACTIVE,
    reduces=False,
)
SEND = SendFacts(
    state=IntentState.CLAIMED,
    now=NOW,
    not_after=NOW + timedelta(minutes=5),
    own_epoch=3,
    lease_epoch=3,
    claimed_session=7,
    session=7,
    link_ready=True,
    restart_fence=False,
    claimed_stop_epoch=1,
    stop_epoch=1,
    stop=StopLevel.ACTIVE,
    reduces=False,
)
WHY = Reason("QUOTE_STALE", "6 s old")


def test_a_sound_claim_and_a_sound_send_pass():
    assert claim_problem(CLAIM) is None
    assert send_problem(SEND) is None


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"own_epoch": 2}, "LEASE_LOST"),
        ({"protocol_version": PROTOCOL_VERSION + 1}, "PROTOCOL_FOREIGN"),
        ({"state": State.WRITTEN}, "TICKET_NOT_RELEASED"),
        ({"state": State.UNKNOWN}, "TICKET_NOT_RELEASED"),
        ({"live_attempt": True}, "ATTEMPT_LIVE"),
        ({"not_after": NOW}, "TICKET_EXPIRED"),
        ({"stop": StopLevel.HALTED, "reduces": True}, "STOP_HALTED"),
        ({"stop": StopLevel.REDUCE_ONLY}, "STOP_REDUCE_ONLY"),
        ({"authority": WHY}, "QUOTE_STALE"),
        ({"risk": WHY}, "QUOTE_STALE"),
        ({"market": WHY}, "QUOTE_STALE"),
    ],
)
def test_each_missing_condition_refuses_the_claim(changes, code):
    assert claim_problem(replace(CLAIM, **changes)).code == code


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"state": IntentState.SENDING}, "INTENT_NOT_FRESH"),
        ({"state": IntentState.UNKNOWN}, "INTENT_NOT_FRESH"),
        ({"lease_epoch": 4}, "LEASE_LOST"),
        ({"link_ready": False}, "LINK_NOT_READY"),
        ({"session": 8}, "LINK_NOT_READY"),
        ({"restart_fence": True}, "RESTART_NEAR"),
        ({"stop_epoch": 2, "stop": StopLevel.HALTED}, "STOP_HALTED"),
        ({"stop_epoch": 2}, "STOP_CHANGED"),
        ({"not_after": NOW}, "TICKET_EXPIRED"),
        ({"authority": WHY}, "QUOTE_STALE"),
        ({"market": WHY}, "QUOTE_STALE"),
    ],
)
def test_each_change_after_the_claim_stops_the_send(changes, code):
    assert send_problem(replace(SEND, **changes)).code == code


def test_a_reducing_order_passes_reduce_only():
    assert claim_problem(replace(CLAIM, stop=StopLevel.REDUCE_ONLY, reduces=True)) is None


ACTS_PICTURE = """
         MARK_SENDING  LAPSE   RULE_NOT_SENT  RULE_ENDED
CLAIMED  SENDING       CLOSED  -              -
SENDING  -             -       -              -
ACKED    -             -       -              CLOSED
UNKNOWN  -             -       CLOSED         CLOSED
REFUSED  -             -       -              -
CLOSED   -             -       -              -
"""
SETTLE_PICTURE = """
         SENDING  WORKING  UNKNOWN  FILLED   CANCELLED  REFUSED  NOT_SENT
CLAIMED  CLAIMED  ACKED    UNKNOWN  CLOSED   CLOSED     REFUSED  CLOSED
SENDING  SENDING  ACKED    UNKNOWN  CLOSED   CLOSED     REFUSED  CLOSED
UNKNOWN  UNKNOWN  ACKED    UNKNOWN  CLOSED   CLOSED     REFUSED  CLOSED
ACKED    ACKED    ACKED    ACKED    CLOSED   CLOSED     CLOSED   CLOSED
REFUSED  REFUSED  ACKED    REFUSED  REFUSED  REFUSED    REFUSED  REFUSED
CLOSED   CLOSED   ACKED    CLOSED   CLOSED   CLOSED     CLOSED   CLOSED
"""


def cells(picture):
    header, *rows = [line.split() for line in picture.strip().splitlines()]
    return [(row[0], column, cell) for row in rows for column, cell in zip(header, row[1:], strict=True)]


@pytest.mark.parametrize(("intent", "act", "cell"), cells(ACTS_PICTURE))
def test_an_intent_is_moved_or_refuses_as_the_picture_says(intent, act, cell):
    if cell != "-":
        assert perform_on_intent(IntentState(intent), IntentAct(act)) == cell
        return
    with pytest.raises(IntentActRefused) as refused:
        perform_on_intent(IntentState(intent), IntentAct(act))
    assert refused.value.reason.code == "INTENT_ACT_REFUSED"


def attempt_in(state, heard_of=False):
    return Attempt(Decimal(5), {0: OrderState(quantity=Decimal(5), state=state, heard_of=heard_of)})


@pytest.mark.parametrize(("intent", "state", "cell"), cells(SETTLE_PICTURE))
def test_an_intent_settles_as_the_picture_says(intent, state, cell):
    assert settle_intent(IntentState(intent), attempt_in(State(state))) == cell


def test_an_order_heard_of_adopts_its_intent_even_while_its_rest_is_unknown():
    assert settle_intent(IntentState.UNKNOWN, attempt_in(State.UNKNOWN, heard_of=True)) is IntentState.ACKED


@pytest.mark.parametrize("over", [IntentState.CLOSED, IntentState.REFUSED])
def test_an_attempt_that_was_over_is_open_again_when_its_order_is_told_alive(over):
    doubted = attempt_in(State.UNKNOWN, heard_of=True)
    assert settle_intent(over, doubted) is IntentState.ACKED
    assert settle_intent(over, attempt_in(State.UNKNOWN)) is over  # a doubt alone is no sign of life


def test_nothing_leads_back_to_a_claim():
    assert IntentState.CLAIMED not in INTENT_ACTS.values()
    assert {intent for intent, _ in INTENT_ACTS} <= LIVE_INTENTS
