"""A bracket that was never sent may be tried again by a person, and only then."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from tradingdesk.domain.tickets.retry import Tried, retry_problem
from tradingdesk.domain.tickets.states import Act, State, perform

NOW = datetime(2026, 11, 18, 15, tzinfo=UTC)
UNSENT = Tried(
    key="1-1A",
    state=State.NOT_SENT,
    filled=Decimal(0),
    on_its_way=False,
    not_after=NOW + timedelta(minutes=5),
)
WITHDRAWN = replace(UNSENT, key="1-1AT", state=State.WITHDRAWN)
CANCELLED = replace(UNSENT, key="1-1AS", state=State.CANCELLED)


def test_an_unsent_order_with_the_rest_of_its_bracket_over_may_be_tried_again() -> None:
    bracket = (UNSENT, WITHDRAWN, CANCELLED)
    assert retry_problem(bracket, NOW) is None
    assert {perform(order.state, Act.RETRY) for order in bracket} == {State.RELEASED}


@pytest.mark.parametrize(
    ("bracket", "code"),
    [
        ((WITHDRAWN, CANCELLED), "RETRY_NOTHING_UNSENT"),
        ((UNSENT, replace(CANCELLED, filled=Decimal(3))), "RETRY_FILLED"),
        ((UNSENT, replace(CANCELLED, on_its_way=True)), "RETRY_NOT_OVER"),
        ((UNSENT, replace(CANCELLED, state=State.UNKNOWN)), "RETRY_NOT_OVER"),
        ((UNSENT, replace(CANCELLED, state=State.WORKING)), "RETRY_NOT_OVER"),
        ((UNSENT, replace(CANCELLED, state=State.FILLED)), "RETRY_NOT_OVER"),
        ((replace(UNSENT, not_after=NOW), WITHDRAWN), "RETRY_TOO_LATE"),
    ],
)
def test_anything_else_is_refused_with_its_reason(bracket: tuple[Tried, ...], code: str) -> None:
    problem = retry_problem(bracket, NOW)
    assert problem is not None and problem.code == code
