from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.simgateway.exchange.noise import Path, Shape, mix, normal
from apps.simgateway.exchange.ticks import on_tick, round_to_tick, rule_of

SHARES = rule_of(26, [[0, "0.0001"], [1, "0.01"]])
OPTIONS = rule_of(110, [[0, "0.01"], [3, "0.05"]])
EMINI = rule_of(67, [[0, "0.25"]])


@pytest.mark.parametrize(
    ("price", "direction", "expected"),
    [
        ("115.794", "nearest", "115.79"),
        ("115.791", "up", "115.80"),
        ("115.799", "down", "115.79"),
        ("0.12345", "nearest", "0.1234"),
        ("-1.201", "down", "-1.21"),
    ],
)
def test_prices_round_to_the_step_of_their_band(price: str, direction: str, expected: str) -> None:
    assert round_to_tick(Decimal(price), SHARES, direction) == Decimal(expected)


def test_the_option_step_widens_at_three_dollars() -> None:
    assert on_tick(Decimal("2.99"), OPTIONS)
    assert not on_tick(Decimal("3.01"), OPTIONS)
    assert on_tick(Decimal("3.05"), OPTIONS)
    assert round_to_tick(Decimal("2.999"), OPTIONS, "up") == Decimal(3)


@settings(derandomize=True, max_examples=200, deadline=None)
@given(st.decimals("0.25", "99999", places=5), st.sampled_from([OPTIONS, EMINI, SHARES]))
def test_a_rounded_price_is_on_tick_and_near(price: Decimal, rule: object) -> None:
    assert isinstance(rule, type(OPTIONS))
    for direction in ("down", "up", "nearest"):
        rounded = round_to_tick(price, rule, direction)
        assert on_tick(rounded, rule)
        assert abs(rounded - price) < rule.increment(price)


@pytest.mark.parametrize("rows", [[], [[1, "0.01"]], [[0, 0]]])
def test_a_rule_without_a_first_band_is_refused(rows: list[list[object]]) -> None:
    with pytest.raises(ValueError, match="market rule 9"):
        rule_of(9, rows)


def test_a_path_is_continuous_from_block_to_block() -> None:
    path = Path(7, "test", daily=0.01, shape=Shape((1.0,) * 24))
    first = 20_777 * 1350
    for block in range(first, first + 200):
        assert path.block(block)[-1] == path.block(block + 1)[0]


def test_a_path_is_as_rough_as_a_random_walk() -> None:
    """The mean square of the moves grows with the time they take."""
    path = Path(7, "rough", daily=0.01, shape=Shape((1.0,) * 24))
    first = 20_777 * 1350
    steps = [value for block in range(first, first + 900) for value in path.block(block)[:-1]]
    for lag in (1, 16, 256):
        moves = [steps[n + lag] - steps[n] for n in range(0, len(steps) - lag, lag)]
        expected = 0.01**2 * lag / (1350 * 128)
        assert sum(move**2 for move in moves) / len(moves) == pytest.approx(expected, rel=0.25)


def test_chance_is_normal_enough() -> None:
    numbers = [normal(mix(n)) for n in range(20_000)]
    assert abs(sum(numbers) / len(numbers)) < 0.03
    assert sum(n * n for n in numbers) / len(numbers) == pytest.approx(1.0, abs=0.03)
