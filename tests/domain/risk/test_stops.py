from decimal import Decimal

import pytest

from tradingdesk.domain.money import Side
from tradingdesk.domain.risk import StopLevel, provably_reduces, stop_problem, strictest


@pytest.mark.parametrize(
    ("level", "reduces", "code"),
    [
        (StopLevel.ACTIVE, False, None),
        (StopLevel.REDUCE_ONLY, True, None),
        (StopLevel.REDUCE_ONLY, False, "STOP_REDUCE_ONLY"),
        (StopLevel.HALTED, True, "STOP_HALTED"),
        (StopLevel.HALTED, False, "STOP_HALTED"),
    ],
)
def test_each_level_lets_through_what_it_should(level, reduces, code):
    problem = stop_problem(level, reduces=reduces)
    assert (problem and problem.code) == code


def test_the_strictest_stop_rules_and_none_is_active():
    assert strictest([StopLevel.ACTIVE, StopLevel.HALTED, StopLevel.REDUCE_ONLY]) is StopLevel.HALTED
    assert strictest([]) is StopLevel.ACTIVE


@pytest.mark.parametrize(
    ("side", "quantity", "position", "working", "reduces"),
    [
        (Side.SELL, 5, 10, 0, True),
        (Side.SELL, 5, 10, 6, False),
        (Side.BUY, 5, 10, 0, False),
        (Side.BUY, 10, -10, 0, True),
        (Side.BUY, 11, -10, 0, False),
        (Side.BUY, 1, 0, 0, False),
    ],
)
def test_an_order_reduces_only_if_it_cannot_flip(side, quantity, position, working, reduces):
    found = provably_reduces(
        side, Decimal(quantity), position=Decimal(position), working_same_side=Decimal(working)
    )
    assert found is reduces
