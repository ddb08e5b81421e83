from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradingdesk.domain.market import Rounding, TickStep, on_tick, round_to_tick

D = Decimal
OPTION = (TickStep(D(0), D("0.05")), TickStep(D(3), D("0.10")))
STOCK = (TickStep(D(0), D("0.0001")), TickStep(D(1), D("0.01")))
ODD = (TickStep(D(0), D("0.07")), TickStep(D(1), D("0.05")))
prices = st.decimals(min_value=-500, max_value=5000, places=6)


@given(prices, st.sampled_from([OPTION, STOCK]), st.sampled_from(list(Rounding)))
def test_a_rounded_price_is_on_tick_and_stays_there(price, steps, rounding):
    rounded = round_to_tick(price, steps, rounding)
    assert on_tick(rounded, steps)
    assert round_to_tick(rounded, steps, rounding) == rounded


@given(prices, st.sampled_from([OPTION, STOCK]))
def test_down_never_rises_and_up_never_falls(price, steps):
    assert round_to_tick(price, steps, Rounding.DOWN) <= price <= round_to_tick(price, steps, Rounding.UP)


@pytest.mark.parametrize(
    ("price", "steps", "rounding", "expected"),
    [
        ("2.98", OPTION, Rounding.UP, "3.00"),
        ("3.01", OPTION, Rounding.UP, "3.10"),
        ("0.99995", STOCK, Rounding.UP, "1.00"),
        ("0.99995", STOCK, Rounding.DOWN, "0.9999"),
        ("-1.20", OPTION, Rounding.NEAREST, "-1.20"),
        ("0.99", ODD, Rounding.UP, "1.05"),
    ],
)
def test_rounding_crosses_a_band_onto_the_next_grid(price, steps, rounding, expected):
    assert round_to_tick(D(price), steps, rounding) == D(expected)


def test_the_same_price_can_be_on_tick_in_one_band_and_off_in_another():
    assert on_tick(D("2.95"), OPTION)
    assert not on_tick(D("3.05"), OPTION)
