"""How a number is written: its sign says something, or there is none."""

from decimal import Decimal

import pytest

from apps.dashboard.pulse import signed_cell
from apps.dashboard.templatetags.desk import money, profit, signed


@pytest.mark.parametrize(
    ("value", "one", "two", "whole"),
    [
        ("-0.004", "0.0", "0.00", "0"),
        ("0.04", "0.0", "+0.04", "0"),
        ("-0.04", "0.0", "−0.04", "0"),
        ("0", "0.0", "0.00", "0"),
        ("1234.56", "+1,234.6", "+1,234.56", "1,235"),
        ("-1234.56", "−1,234.6", "−1,234.56", "−1,235"),
        (None, "—", "—", "—"),
    ],
)
def test_what_rounds_to_zero_has_no_sign(value: str | None, one: str, two: str, whole: str) -> None:
    number = None if value is None else Decimal(value)
    assert (signed(number, 1), signed(number), money(number, 0)) == (one, two, whole)


def test_a_result_that_rounds_to_zero_has_no_colour() -> None:
    assert profit(Decimal("-0.004")) == '<span class="">0.00</span>'
    assert profit(Decimal("-0.006")) == '<span class="neg">−0.01</span>'


@pytest.mark.parametrize(
    ("value", "cell"),
    [("-0.004", ["0.00", 0, False]), ("-3", ["−3.00", -1, False]), ("0.01", ["+0.01", 1, False])],
)
def test_a_number_that_ticks_has_the_same_colour(value: str, cell: list[object]) -> None:
    assert signed_cell(Decimal(value)) == cell
    assert signed_cell(None, old=True) == ["—", 0, True]
