from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradingdesk.domain.market import Contract
from tradingdesk.domain.money import Side
from tradingdesk.domain.portfolio import Position, after_trade, agrees, left_to_close, unrealized

D = Decimal
WEC = Contract(con_id=13272, symbol="WEC")
FUTURE = Contract(con_id=7, symbol="ES", sec_type="FUT", multiplier=D(50))
trades = st.lists(
    st.tuples(st.sampled_from(Side), st.integers(1, 50), st.integers(1, 200)), min_size=1, max_size=20
)


FLAT = Position()


def run(*steps, start=FLAT):
    for side, quantity, price in steps:
        start = after_trade(start, side, quantity=D(quantity), price=D(price))
    return start


@pytest.mark.parametrize(
    ("steps", "quantity", "cost", "realized"),
    [
        ([(Side.BUY, 10, 100)], 10, 100, 0),
        ([(Side.BUY, 10, 100), (Side.BUY, 30, 120)], 40, 115, 0),
        ([(Side.BUY, 10, 100), (Side.SELL, 4, 110)], 6, 100, 40),
        ([(Side.BUY, 10, 100), (Side.SELL, 10, 90)], 0, 0, -100),
        ([(Side.BUY, 10, 100), (Side.SELL, 15, 110)], -5, 110, 100),
        ([(Side.SELL, 10, 100), (Side.BUY, 10, 90)], 0, 0, 100),
        ([(Side.SELL, 10, 100), (Side.BUY, 4, 110)], -6, 100, -40),
        ([(Side.SELL, 10, 100), (Side.BUY, 12, 90)], 2, 90, 100),
    ],
)
def test_trades_make_the_position_they_should(steps, quantity, cost, realized):
    assert run(*steps) == Position(D(quantity), D(cost), D(realized))


@given(trades, st.integers(1, 200))
def test_cash_and_position_always_tell_the_same_result(steps, mark):
    cash = sum(-side.signed(D(quantity)) * price for side, quantity, price in steps)
    position = run(*steps)
    told = position.realized + position.quantity * (mark - position.average_cost)
    assert abs(told - (cash + position.quantity * mark)) < D("1e-18")


@pytest.mark.parametrize(
    ("held", "working", "left"),
    [
        (113, 0, (Side.SELL, 113)),
        (113, 37, (Side.SELL, 76)),
        (-20, 5, (Side.BUY, 15)),
        (113, 113, None),
        (113, 200, None),
        (0, 0, None),
    ],
)
def test_a_close_is_the_brokers_position_less_what_already_closes_it(held, working, left):
    assert left_to_close(D(held), D(working)) == left


def test_the_brokers_silence_is_no_agreement():
    assert agrees(Position(D(5)), D(5)) is True
    assert agrees(Position(D(5)), D(0)) is False
    assert agrees(Position(), None) is None


def test_an_open_result_uses_the_multiplier_and_a_missing_mark_leaves_it_unknown():
    position = run((Side.SELL, 1, 6310), start=Position(D(2), D(6300), D(10)))
    assert unrealized(position, FUTURE, D(6305)).amount == 250
    assert unrealized(position, FUTURE, D("NaN")) is None
    assert unrealized(Position(), FUTURE, None).amount == 0
