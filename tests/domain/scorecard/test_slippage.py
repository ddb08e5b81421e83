"""What a fill cost: a cost is positive on both sides, unknown stays unknown, quantiles lie between values."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from tradingdesk.domain.money import Side
from tradingdesk.domain.scorecard import cost_bps, quantile, waiting_cost

D = Decimal
prices = st.decimals("0.01", "5000", places=4)


@given(prices, prices)
def test_paying_more_and_receiving_less_are_costs_of_the_same_size(
    price: Decimal, benchmark: Decimal
) -> None:
    bought, sold = cost_bps(Side.BUY, price, benchmark), cost_bps(Side.SELL, price, benchmark)
    assert bought is not None and sold is not None and bought == -sold
    assert (bought > 0) is (price > benchmark) and (bought == 0) is (price == benchmark)


def test_ten_cents_of_a_hundred_are_ten_basis_points() -> None:
    assert cost_bps(Side.BUY, D("100.10"), D(100)) == 10
    assert waiting_cost(Side.SELL, D(50), decided=D(100), arrived=D("99.90")) == 5


def test_what_is_not_known_or_no_price_is_not_compared() -> None:
    for odd in (None, D(0), D(-1), D("NaN")):
        assert cost_bps(Side.BUY, odd, D(100)) is None and cost_bps(Side.BUY, D(100), odd) is None
        assert waiting_cost(Side.BUY, D(1), decided=odd, arrived=D(1)) is None


@given(st.lists(st.floats(-50, 50), min_size=1), st.floats(0, 1))
def test_a_quantile_lies_between_the_least_and_the_greatest(values: list[float], part: float) -> None:
    found = quantile(values, part)
    assert found is not None and min(values) - 1e-9 <= found <= max(values) + 1e-9
    assert quantile(values, 0) == min(values) and quantile(values, 1) == max(values)


def test_of_nothing_there_is_no_quantile_and_of_two_the_middle_is_between() -> None:
    assert quantile([], 0.5) is None
    assert quantile([1.0, 3.0], 0.5) == 2.0
