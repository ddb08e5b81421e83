"""The two tables, written a second time as pictures: a changed cell must be changed in both places."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradingdesk.domain.tickets import (
    Act,
    ActRefused,
    News,
    State,
    is_done,
    learn,
    may_still_fill,
    perform,
    reserves,
)
from tradingdesk.domain.tickets.states import ACTS, DONE, NEWS

# "." stays; "!" after a state raises the alarm named in the second picture's column.
NEWS_PICTURE = """
            SEEN_LIVE   PART_FILLED  ALL_FILLED  ENDED        REFUSED    REJECTED   DOUBTED    WENT_SILENT
WRITTEN     WORKING!U   WORKING!U    FILLED!U    CANCELLED!U  .!U        .!U        .!U        .
RELEASED    WORKING!U   WORKING!U    FILLED!U    CANCELLED!U  .!U        .!U        .!U        .
CLAIMED     WORKING!U   WORKING!U    FILLED!U    CANCELLED!U  .!U        .!U        .!U        .
WITHDRAWN   WORKING!U   WORKING!U    FILLED!U    CANCELLED!U  .!U        .!U        .!U        .
EXPIRED     WORKING!U   WORKING!U    FILLED!U    CANCELLED!U  .!U        .!U        .!U        .
NOT_SENT    WORKING!U   WORKING!U    FILLED!U    CANCELLED!U  REFUSED    REFUSED    .          .
SENDING     WORKING     WORKING      FILLED      CANCELLED    REFUSED    REFUSED    UNKNOWN    UNKNOWN
UNKNOWN     WORKING     .            FILLED      CANCELLED    REFUSED    REFUSED    .          .
WORKING     .           .            FILLED      CANCELLED    UNKNOWN!C  REFUSED    UNKNOWN    .
FILLED      .           .            .           .            .          .          .          .
CANCELLED   UNKNOWN!R   .!L          FILLED!L    .            .          .          .          .
REFUSED     UNKNOWN!R   UNKNOWN!L    FILLED!L    .            .          .          .          .
"""
ALARMS = {"U": "UNSENT_ORDER_SEEN", "C": "CONTRADICTED", "R": "REVIVED", "L": "LATE_FILL"}
ACTS_PICTURE = """
           RELEASE  CLAIM   LAPSE    SEND    WITHDRAW  EXPIRE  RULE_NOT_SENT RULE_ENDED RETRY    UNSEND
WRITTEN    RELEASED -       -        -       WITHDRAWN EXPIRED -             -          -        -
RELEASED   -        CLAIMED -        -       WITHDRAWN EXPIRED -             -          -        -
CLAIMED    -        -       RELEASED SENDING WITHDRAWN EXPIRED -             -          -        -
SENDING    -        -       -        -       -         -       -             -          -        NOT_SENT
WORKING    -        -       -        -       -         -       -             CANCELLED  -        -
UNKNOWN    -        -       -        -       -         -       NOT_SENT      CANCELLED  -        -
NOT_SENT   -        -       -        -       WITHDRAWN EXPIRED -             -          RELEASED -
FILLED     -        -       -        -       -         -       -             -          -        -
CANCELLED  -        -       -        -       -         -       -             -          RELEASED -
REFUSED    -        -       -        -       -         -       -             -          -        -
WITHDRAWN  -        -       -        -       -         -       -             -          RELEASED -
EXPIRED    -        -       -        -       -         -       -             -          -        -
"""


def cells(picture):
    header, *rows = [line.split() for line in picture.strip().splitlines()]
    return [(row[0], column, cell) for row in rows for column, cell in zip(header, row[1:], strict=True)]


@pytest.mark.parametrize(("state", "news", "cell"), cells(NEWS_PICTURE))
def test_news_leads_where_the_picture_says(state, news, cell):
    target, _, alarm = cell.partition("!")
    step = learn(State(state), News(news))
    assert step.state == (state if target == "." else target)
    assert step.alarm == ALARMS.get(alarm)


@pytest.mark.parametrize(("state", "act", "cell"), cells(ACTS_PICTURE))
def test_an_act_is_done_or_refused_as_the_picture_says(state, act, cell):
    if cell != "-":
        assert perform(State(state), Act(act)) == cell
        return
    with pytest.raises(ActRefused) as refused:
        perform(State(state), Act(act))
    assert refused.value.reason.code == "TICKET_ACT_REFUSED"


def test_the_pictures_hold_every_pair():
    assert {cell[:2] for cell in cells(NEWS_PICTURE)} == {(s.value, n.value) for s in State for n in News}
    assert {cell[:2] for cell in cells(ACTS_PICTURE)} == {(s.value, a.value) for s in State for a in Act}
    assert {state for state, by_news in NEWS.items() if set(by_news) == set(News)} == set(State)


def test_sending_is_reached_from_a_claim_alone_and_never_by_news():
    assert [pair for pair, target in ACTS.items() if target is State.SENDING] == [(State.CLAIMED, Act.SEND)]
    assert not any(
        step.state is State.SENDING
        for state in State
        for step in NEWS[state].values()
        if state is not State.SENDING
    )


def test_silence_and_doubt_never_end_a_ticket():
    for state in set(State) - DONE:
        for news in (News.WENT_SILENT, News.DOUBTED):
            assert not is_done(learn(state, news).state)


def test_whatever_may_still_fill_is_reserved_and_nothing_done_is():
    for state in State:
        assert not (may_still_fill(state) and is_done(state))
        assert reserves(state) or not may_still_fill(state)
    assert reserves(State.CLAIMED)
    assert not reserves(State.NOT_SENT)


@given(st.lists(st.sampled_from(News), max_size=30))
def test_an_end_is_left_only_with_an_alarm(events):
    states = [State.SENDING]
    alarms = []
    for news in events:
        step = learn(states[-1], news)
        states.append(step.state)
        alarms.append(step.alarm)
    for (before, after), alarm in zip(pairwise(states), alarms, strict=True):
        if is_done(before) and after is not before:
            assert alarm is not None


@given(st.lists(st.sampled_from([*Act, *News]), max_size=40))
def test_a_ticket_is_sent_once_unless_a_person_or_the_broker_ended_the_try_before(events):
    state, open_try = State.WRITTEN, False
    for event in events:
        if isinstance(event, News):
            state = learn(state, event).state if open_try else state
        elif (state, event) in ACTS:
            if event is Act.SEND:
                assert not open_try
                open_try = True
            state = perform(state, event)
        if state in (State.NOT_SENT, State.CANCELLED):
            open_try = False
