from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradingdesk.domain.money import CurrencyMismatch, Money, NumberRefused, Side

amounts = st.decimals(min_value=-(10**9), max_value=10**9, places=4)


@given(amounts, amounts)
def test_adding_and_taking_away_comes_back_to_the_start(first, second):
    assert Money(first, "USD") + Money(second, "USD") - Money(second, "USD") == Money(first, "USD")


def test_two_currencies_never_meet_in_a_sum_or_a_comparison():
    dollars, euros = Money(Decimal(1), "USD"), Money(Decimal(1), "EUR")
    for mix in (lambda: dollars + euros, lambda: dollars - euros, lambda: dollars < euros):
        with pytest.raises(CurrencyMismatch):
            mix()
    assert dollars != euros


def test_an_amount_is_never_nan():
    with pytest.raises(NumberRefused):
        Money(Decimal("NaN"), "USD")


def test_ties_round_to_the_even_cent():
    assert Money(Decimal("0.125"), "USD").rounded() == Money(Decimal("0.12"), "USD")
    assert Money(Decimal("0.135"), "USD").rounded() == Money(Decimal("0.14"), "USD")
    assert Money(Decimal("12.4"), "USD").rounded(Decimal(5)).amount == 10


def test_money_scales_orders_and_prints():
    price = Money(Decimal("115.79"), "USD")
    assert str(113 * price) == "13,084.27 USD"
    assert abs(-price) == price
    assert price < price * 2
    assert price >= price


def test_a_side_signs_a_quantity():
    assert Side.BUY.signed(Decimal(5)) == 5
    assert Side.SELL.signed(Decimal(5)) == -5
    assert {side.opposite for side in Side} == set(Side)
